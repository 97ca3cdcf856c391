"""Node kinds of the bundled grammars (ast-grep-py 0.51), as tables."""


def _table(**kinds: str) -> dict[str, str]:
    return {kind: label for label, row in kinds.items() for kind in row.split()}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ASSIGNMENT = "assignment_expression"
"""Of JavaScript before classes and modules: `res.send = function send(body) {...}`."""
_ECMA = _table(
    function="function_declaration generator_function_declaration",
    method="method_definition",
    variable="variable_declarator",
)
_TYPED = _ECMA | {
    "class_declaration": "class",
    "abstract_class_declaration": "class",
    "interface_declaration": "class",
    "enum_declaration": "class",
    "type_alias_declaration": "type",
    "internal_module": "module",
    "function_signature": "function",
    "method_signature": "method",
    "abstract_method_signature": "method",
    "public_field_definition": "field",
    "property_signature": "field",
}
_C = _table(
    function="function_definition preproc_function_def",
    **{"class": "struct_specifier union_specifier enum_specifier"},
    type="type_definition",
    macro="preproc_def",
)

DEFINITIONS: dict[str, dict[str, str]] = {
    "bash": _table(function="function_definition", variable="variable_assignment"),
    "c": _C,
    "cpp": _C | _table(**{"class": "class_specifier"}, module="namespace_definition"),
    "csharp": _table(
        **{
            "class": "class_declaration interface_declaration enum_declaration struct_declaration "
            "record_declaration"
        },
        method="method_declaration constructor_declaration local_function_statement",
        field="property_declaration field_declaration",
        module="namespace_declaration",
    ),
    "css": _table(rule="rule_set keyframes_statement"),
    "dart": _table(
        **{"class": "class_declaration enum_declaration mixin_declaration"},
        function="function_declaration",
        method="method_declaration",
    ),
    "elixir": _table(function="call"),
    "go": _table(
        function="function_declaration",
        method="method_declaration",
        type="type_spec type_alias",
        variable="const_spec var_spec",
    ),
    "haskell": _table(
        function="function bind",
        **{"class": "class"},
        type="data_type newtype",
    ),
    "hcl": _table(block="block"),
    "html": {},
    "java": _table(
        **{
            "class": "class_declaration interface_declaration enum_declaration record_declaration "
            "annotation_type_declaration"
        },
        method="method_declaration constructor_declaration",
        field="field_declaration",
    ),
    "javascript": _ECMA
    | {
        "class_declaration": "class",
        "field_definition": "field",
        ASSIGNMENT: "function",
    },
    "json": _table(key="pair"),
    "kotlin": _table(
        **{"class": "class_declaration object_declaration"},
        function="function_declaration",
        variable="property_declaration",
        type="type_alias",
    ),
    "lua": _table(function="function_declaration", variable="variable_declaration"),
    "markdown": _table(section="section"),
    "nix": _table(key="binding"),
    "php": _table(
        **{"class": "class_declaration interface_declaration trait_declaration enum_declaration"},
        function="function_definition",
        method="method_declaration",
        field="property_element const_element",
    ),
    "python": _table(
        **{"class": "class_definition"},
        function="function_definition",
        variable="assignment type_alias_statement",
    ),
    "ruby": _table(
        **{"class": "class"},
        module="module",
        method="method singleton_method",
        variable="assignment",
    ),
    "rust": _table(
        function="function_item function_signature_item",
        **{"class": "struct_item enum_item trait_item union_item"},
        impl="impl_item",
        type="type_item",
        variable="const_item static_item",
        macro="macro_definition",
        module="mod_item",
    ),
    "scala": _table(
        **{"class": "class_definition object_definition trait_definition enum_definition"},
        function="function_definition function_declaration",
        variable="val_definition var_definition",
        type="type_definition",
    ),
    "solidity": _table(
        **{
            "class": "contract_declaration interface_declaration library_declaration "
            "struct_declaration enum_declaration"
        },
        function="function_definition modifier_definition event_definition",
        variable="state_variable_declaration",
    ),
    "swift": _table(
        **{"class": "class_declaration protocol_declaration"},
        function="function_declaration protocol_function_declaration",
        variable="property_declaration",
        type="typealias_declaration",
    ),
    "tsx": _TYPED,
    "typescript": _TYPED,
    "yaml": _table(key="block_mapping_pair"),
    "zig": _table(function="function_declaration", variable="variable_declaration"),
}
"""Per language: the kinds that define something, and what each is called in an outline."""

NAME_KINDS = _words(
    "identifier type_identifier field_identifier property_identifier simple_identifier "
    "private_property_identifier constant name variable variable_name word namespace_identifier "
    "class_name selectors inline attrpath keyframes_name shorthand_property_identifier "
    "shorthand_property_identifier_pattern shorthand_field_identifier statement_identifier "
    "package_identifier alias atom hash_key_symbol instance_variable class_variable "
    "global_variable constructor destructor_name operator_name nested_identifier "
    "scoped_type_identifier builtin_identifier dollar_identifier"
)
"""Kinds that hold nothing but a name."""

OPENERS = _words(
    "lexical_declaration variable_declaration variable_list assignment_statement "
    "export_statement method_signature function_signature atx_heading setext_heading paragraph "
    "variable_declarator pattern property_element"
)
"""Kinds to look through, inwards for a name and outwards for the start of a definition."""

CALLABLE_VALUES = frozenset({"arrow_function", "function_expression", "generator_function"})

MACRO_WORDS = frozenset(
    {"def", "defp", "defmodule", "defmacro", "defmacrop", "defprotocol", "defimpl", "defguard"}
)

BODIED = frozenset({"struct_specifier", "union_specifier", "enum_specifier", "class_specifier"})
"""Kinds that define only with a body: without one they are a use of the type."""

EXPORTED = frozenset({"exports", "module.exports", "module", "this"})
"""What a function is assigned to a member of without being a method of anything."""
DOTTED = frozenset({"dot_index_expression", "method_index_expression", "qualified_identifier"})
"""Names with an owner in front."""

STRING_PARTS = ("string", "char_literal", "character", "heredoc", "template_literal", "raw_text")
NOT_STRINGS = frozenset({"template_string_type", "string_type"})
INTERPOLATIONS = frozenset(
    {
        "interpolation",
        "interpolated_identifier",
        "template_substitution",
        "interpolated_expression",
        "template_interpolation",
        "string_interpolation",
        "simple_expansion",
        "expansion",
        "command_substitution",
        "format_expression",
    }
)
NAMES = _words(
    "name constant word variable variable_name constructor alias atom hash_key_symbol "
    "field_name tag_name class_name id_name property_name function_name instance_variable "
    "simple_symbol label"
)
MEMBERS = _words(
    "attribute member_expression member_access_expression selector_expression field_expression "
    "field_access method_index_expression dot_index_expression navigation_expression "
    "nullsafe_member_access_expression subscript_expression member_access select_expression dot "
    "conditional_access_expression member_binding_expression scoped_property_access_expression "
    "class_constant_access_expression field_initializer_access"
)
SUFFIXES = frozenset({"navigation_suffix", "unconditional_assignable_selector", "get_attr"})
CALLS = _words(
    "call method_invocation member_call_expression scoped_call_expression "
    "nullsafe_member_call_expression method_call"
)
KEYWORDS = _words("keyword_argument named_argument argument value_argument name_colon label")
SIGILS = frozenset(
    {"instance_variable", "class_variable", "global_variable", "private_property_identifier"}
)
"""Names that carry a mark of their own: never the plain name beside them."""
PAIRS = _words(
    "pair field_initializer keyed_element property_signature pair_pattern jsx_attribute "
    "field_declaration_key table_field field"
)
