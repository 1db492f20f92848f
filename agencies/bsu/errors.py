"""Why a report is not prepared or sent, for reasons of this bank's own. Each is a kind of `NotSent`."""

from agencies.errors import NotSent


class NotOver(NotSent):
    sentence = "Nothing was prepared: the ledger is from before the end of that year."


class NotInLedger(NotSent):
    sentence = "Nothing was prepared: the ledger does not have the institution that reports."


class NotReadable(NotSent):
    sentence = "Nothing was prepared: the file holds no report of that year in JSON."


class OnItsWay(NotSent):
    sentence = "Nothing was prepared: a report of that year is on its way. Finish or withdraw its sending first."


class NothingPrepared(NotSent):
    sentence = "Nothing was sent: no report of that year is prepared."


class HasFaults(NotSent):
    sentence = "Nothing was sent: the checks found faults that forbid it; --check names them."


class NotApproved(NotSent):
    sentence = "Nothing was sent: no approved request waits. Two people, one after the other, let it go in the admin."


class BytesChanged(NotSent):
    sentence = "Nothing was sent: the bytes kept are not the ones that were approved, or are no longer kept."
