"""An authority on this machine, rules that trust it, and what becomes of a certificate under them, in one word."""

import dataclasses

from legal.certificate_reasons import CertificateRefused
from legal.certificate_subjects import OrganisationSubject
from legal.certificates import CertificateRules, KeyUse, check_certificate
from legal.revocation import Revocation
from tests.authority import CONSUMER, HOST, NOW, POLICY, Holder, enterprise, intermediate, revocation_list, root

PASSED = "passed"


class World:
    """A root with one intermediate, whose lists can be had. A test makes whatever else it wants of it."""

    def __init__(self, publications):
        self.publications = publications
        self.root = root()
        self.root_crl = publications.publish("/root.crl", revocation_list(self.root))
        self.ca = self.authority()
        self.crl = publications.publish("/ca.crl", revocation_list(self.ca))
        self.rules = CertificateRules(
            roots=(self.root.certificate,),
            intermediates=(self.ca.certificate,),
            policies=frozenset({POLICY, "2.16.578.1.29.13.1"}),
            policy_arcs=frozenset({"2.16.578.1.29.13.200", "2.16.578.1.29.13.210"}),
            usages=frozenset({KeyUse.KEY_ENCIPHERMENT, KeyUse.DATA_ENCIPHERMENT}),
            revocation=Revocation(hosts={HOST}),
        )

    def authority(self, issuer=None, **changes):
        return intermediate(issuer or self.root, **{"crl": self.root_crl} | changes)

    def leaf(self, issuer=None, **changes):
        return enterprise(issuer or self.ca, **{"crl": self.crl} | changes)

    def check(
        self, certificate, *, known=None, brought=(), subject=None, now=NOW, seconds=4.0, last_good_at=None, **changes
    ):
        """Check a certificate by these rules with changes; authorities are given as holders."""
        if known is not None:
            changes["intermediates"] = tuple(each.certificate for each in known)
        if "roots" in changes:
            changes["roots"] = tuple(each.certificate for each in changes["roots"])
        return check_certificate(
            certificate.der if isinstance(certificate, Holder) else certificate,
            dataclasses.replace(self.rules, **changes),
            subject=subject or OrganisationSubject(CONSUMER),
            now=now,
            seconds=seconds,
            intermediates=[each.certificate for each in brought],
            last_good_at=last_good_at,
        )

    def judge(self, certificate, **circumstances):
        """Return what becomes of the certificate."""
        try:
            self.check(certificate, **circumstances)
        except CertificateRefused as refused:
            assert str(refused) == refused.reason, "the word and nothing else"
            return refused.reason.value
        return PASSED
