"""Every benchmark, one after another."""

from benchmarks import journal, screen, tokens

for module in (screen, journal, tokens):
    print(f"# {module.__name__}: {(module.__doc__ or '').splitlines()[0]}")
    module.main()
    print()
