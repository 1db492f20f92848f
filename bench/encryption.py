"""What encrypting the answer adds: the same question to the product, answered in plain JSON and as JWE."""

from bench.database import Backends
from bench.in_process import Worker, one
from bench.questions import JOSE, JSON
from bench.sampling import Round
from bench.world import World

FORMS = {"plain": JSON, "encrypted": JOSE}


def measure(world: World, product: Worker, *, rounds: int) -> list[Round]:
    """Return the cost of an account list in either form, by round; they take turns in coming first."""
    backends = Backends(world.cluster)
    found = []
    for number in range(rounds):
        order = list(FORMS) if number % 2 == 0 else list(reversed(FORMS))
        samples = {form: one(product, backends, "accounts", media_type=FORMS[form]) for form in order}
        found.append({form: samples[form] for form in FORMS})
    return found
