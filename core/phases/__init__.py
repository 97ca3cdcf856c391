"""The relay's six legs, each one file: prompt, call, parse, pass rule, receipt."""

from collections.abc import Awaitable, Callable, Mapping

from core.domain.phase import Phase
from core.domain.receipt import AnyReceipt
from core.domain.task import TaskSpec
from core.phases.apply import apply
from core.phases.generate import generate
from core.phases.inputs import Inputs, PhasePorts
from core.phases.plan import plan
from core.phases.retrieve import retrieve
from core.phases.review import review
from core.phases.verify import verify

PhaseFunction = Callable[[TaskSpec, Inputs, PhasePorts], Awaitable[AnyReceipt]]

PHASES: Mapping[Phase, PhaseFunction] = {
    Phase.RETRIEVE: retrieve,
    Phase.PLAN: plan,
    Phase.GENERATE: generate,
    Phase.APPLY: apply,
    Phase.VERIFY: verify,
    Phase.REVIEW: review,
}
