"""CRT-02 and CRT-09: from a certificate to a root that we trust, and every way not to get there."""

import datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.authority import (
    NOW,
    POLICY,
    Holder,
    issue,
    named,
    patched,
    policies,
    revocation_list,
    root,
    rsa_key,
    running_publications,
    seid2,
    usage,
)
from tests.legal.certificate_world import PASSED, World

SECOND = datetime.timedelta(seconds=1)


@pytest.fixture(scope="module")
def world():
    with running_publications() as publications:
        yield World(publications)


def by(world, **changes):
    """Return a certificate and the intermediate of ours that issued it, with these changes to the intermediate."""
    authority = world.authority(**changes)
    return {"certificate": world.leaf(authority), "known": [authority]}


def own_list(world, authority):
    """Return the address of an intermediate's list, which is empty."""
    return world.publications.publish("/own.crl", revocation_list(authority))


def by_two(world, *, top=None, path=1):
    """Return a certificate under two intermediates, the upper of which allows a path of that length."""
    top = top or world.root
    constraints = (x509.BasicConstraints(True, path), True)
    upper = world.authority(top, name="Eksempel øvre CA", key="upper", other=[constraints])
    lower = world.authority(upper, crl=own_list(world, upper))
    return {"certificate": world.leaf(lower), "known": [upper, lower], "roots": [top]}


def tower(world, height=4):
    """Return so many intermediates, each above the next, and none with a limit on the path."""
    built = [world.root]
    for floor in range(height):
        unlimited = [(x509.BasicConstraints(True, None), True)]
        built.append(world.authority(built[-1], name=f"Eksempel CA {floor}", key=f"floor {floor}", other=unlimited))
    return built[1:]


def by_enterprise(world, **changes):
    """Return a certificate that another enterprise issued with its own, as an intermediate brought along."""
    rogue = world.leaf(key=rsa_key("rogue"), **changes)
    return {"certificate": world.leaf(rogue), "brought": [rogue]}


def by_key(world, key):
    """Return a certificate by an intermediate that has this key."""
    extensions = [
        (x509.BasicConstraints(True, 0), True),
        (usage("key_cert_sign", "crl_sign"), True),
        (policies("2.5.29.32.0"), False),
    ]
    authority = issue(world.root, world.ca.name, key, extensions)
    return {"certificate": world.leaf(authority), "known": [authority]}


def by_itself():
    extensions = [
        (x509.BasicConstraints(False, None), True),
        (usage("key_encipherment"), True),
        (policies(POLICY), False),
    ]
    return issue(None, seid2(), rsa_key("enterprise"), extensions)


def stranger():
    return root("Fremmed Root CA", "stranger")


def namesake():
    """Return a root of the same name with another key."""
    return root(key="stranger")


def only(name):
    return x509.NameConstraints(permitted_subtrees=[name], excluded_subtrees=None)


def never(name):
    return x509.NameConstraints(permitted_subtrees=None, excluded_subtrees=[name])


def servers_only():
    return x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


def unknown():
    return x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")


def with_sha1(world):
    """Return the intermediate as it would be with a signature that rests on SHA-1."""
    weak = x509.load_der_x509_certificate(patched(world.ca, world.root, sha1=True))
    return Holder(weak, world.ca.private)


@pytest.mark.parametrize(
    "circumstances",
    [
        pytest.param(lambda w: {"certificate": w.leaf()}, id="CRT-02 by a known intermediate"),
        pytest.param(lambda w: {"certificate": w.leaf(w.root, crl=w.root_crl)}, id="CRT-02 by the root itself"),
        pytest.param(
            lambda w: {"certificate": w.leaf(), "known": [], "brought": [w.ca]},
            id="EO-02 by an intermediate brought along",
        ),
        pytest.param(
            lambda w: {"certificate": w.leaf(), "known": [], "brought": [stranger(), w.leaf(), w.root, w.ca]},
            id="EO-02 by an intermediate among others brought along",
        ),
        pytest.param(
            lambda w: {"certificate": w.leaf(), "roots": [namesake(), w.root]},
            id="CRT-02 under the right one of two roots of one name",
        ),
        pytest.param(by_two, id="CRT-02 under two intermediates, as the path allows"),
        pytest.param(lambda w: by(w, ends=NOW + SECOND), id="CRT-02 by an intermediate that ends in a second"),
    ],
)
def test_crt_02_a_chain_to_one_of_our_roots(world, circumstances):
    assert world.judge(**circumstances(world)) == PASSED


def test_crt_02_three_intermediates_are_the_most(world):
    authorities = tower(world, 3)
    leaf = world.leaf(authorities[-1], crl=own_list(world, authorities[-1]))
    assert world.judge(leaf, known=authorities, check_intermediates=False) == PASSED


@pytest.mark.parametrize(
    "circumstances",
    [
        pytest.param(lambda w: {"certificate": w.leaf(), "known": []}, id="CRT-02 the intermediate is not known"),
        pytest.param(lambda w: {"certificate": by_itself()}, id="CRT-02 signed by itself"),
        pytest.param(
            lambda w: {"certificate": by_itself(), "brought": [by_itself()]}, id="CRT-02 signed by itself and brought"
        ),
        pytest.param(
            lambda w: {"certificate": w.leaf(), "brought": [w.ca] * 9}, id="CRT-02 more brought than anybody needs"
        ),
        pytest.param(lambda w: {"certificate": w.leaf(stranger())}, id="CRT-02 by a stranger's root"),
        pytest.param(
            lambda w: {"certificate": w.leaf(stranger()), "brought": [stranger()]},
            id="CRT-02 by a stranger's root brought along",
        ),
        pytest.param(
            lambda w: {"certificate": w.leaf(namesake()), "brought": [namesake()]},
            id="CRT-02 by a root of the same name with another key",
        ),
        pytest.param(
            lambda w: {"certificate": w.leaf(Holder(w.ca.certificate, rsa_key("stranger")))},
            id="CRT-02 in the name of our intermediate, by another key",
        ),
        pytest.param(
            lambda w: {"certificate": w.leaf(), "roots": [root("Eksempel Test4 Root CA", "test-root")]},
            id="CRT-02 under the root of another environment",
        ),
        pytest.param(
            lambda w: {"certificate": w.leaf(issuer_name=named("Eksempel CA 4"))}, id="CRT-02 names another issuer"
        ),
        pytest.param(by_enterprise, id="CRT-02 by another enterprise's certificate"),
        pytest.param(
            lambda w: by_enterprise(w, other=[(usage("key_encipherment", "key_cert_sign"), True)]),
            id="CRT-02 by another enterprise's certificate that may sign certificates",
        ),
        pytest.param(
            lambda w: by_enterprise(w, other=[(x509.BasicConstraints(True, None), True)]),
            id="CRT-02 by another enterprise's certificate that calls itself an authority",
        ),
        pytest.param(
            lambda w: by_enterprise(
                w,
                other=[(x509.BasicConstraints(True, None), True), (usage("key_cert_sign"), True)],
            ),
            id="CRT-02 by an authority below one whose path ends there",
        ),
        pytest.param(lambda w: by_two(w, path=0), id="CRT-02 one intermediate more than the path allows"),
        pytest.param(
            lambda w: by_two(w, top=root(other=[(x509.BasicConstraints(True, 0), True)])),
            id="CRT-02 one intermediate more than the root's path allows",
        ),
        pytest.param(
            lambda w: {"certificate": w.leaf(tower(w)[-1]), "known": tower(w)}, id="CRT-02 under four intermediates"
        ),
        pytest.param(lambda w: by(w, ends=NOW - SECOND), id="CRT-02 by an intermediate that has ended"),
        pytest.param(lambda w: by(w, ends=NOW), id="CRT-02 by an intermediate that ends this very second"),
        pytest.param(lambda w: by(w, begins=NOW + SECOND), id="CRT-02 by an intermediate not yet valid"),
        pytest.param(
            lambda w: {"certificate": w.leaf(), "roots": [root(ends=NOW)]}, id="CRT-02 under a root that has ended"
        ),
        pytest.param(
            lambda w: by(w, other=[(x509.BasicConstraints(True, 0), False)]),
            id="CRT-02 by an intermediate whose basic constraints are not critical",
        ),
        pytest.param(
            lambda w: by(w, other=[(only(x509.DNSName("etaten.example")), True)]),
            id="CRT-02 by an intermediate for certain hosts",
        ),
        pytest.param(
            lambda w: by(w, other=[(only(x509.DirectoryName(named("Andre"))), True)]),
            id="CRT-02 by an intermediate for other names",
        ),
        pytest.param(
            lambda w: by(w, other=[(only(x509.DirectoryName(named("Andre"))), False)]),
            id="CRT-02 by an intermediate for other names, not critically",
        ),
        pytest.param(
            lambda w: by(w, other=[(never(x509.DirectoryName(seid2())), False)]),
            id="CRT-02 by an intermediate for all names but this one",
        ),
        pytest.param(
            lambda w: by(w, other=[(x509.PolicyConstraints(0, None), False)]),
            id="CRT-09 by an intermediate with constraints on policies",
        ),
        pytest.param(
            lambda w: by(w, other=[(x509.InhibitAnyPolicy(0), False)]),
            id="CRT-09 by an intermediate that forbids any policy",
        ),
        pytest.param(lambda w: by(w, other=[(servers_only(), False)]), id="CRT-09 by an intermediate for servers only"),
        pytest.param(
            lambda w: by(w, other=[(unknown(), True)]), id="CRT-09 by an intermediate with something critical unknown"
        ),
        pytest.param(lambda w: by_key(w, rsa_key("short", 1024)), id="CRT-06 by an intermediate with a short key"),
        pytest.param(lambda w: {"certificate": w.leaf(), "known": [with_sha1(w)]}, id="CRT-02 SHA-1 in the middle"),
    ],
)
def test_crt_02_no_chain(world, circumstances):
    assert world.judge(**circumstances(world)) == "crt.chain"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"without": [x509.BasicConstraints]}, id="CRT-02 without basic constraints"),
        pytest.param({"other": [(x509.BasicConstraints(False, None), True)]}, id="CRT-02 that is none by its own word"),
        pytest.param({"without": [x509.KeyUsage]}, id="CRT-02 without key usage"),
        pytest.param({"other": [(usage("crl_sign"), True)]}, id="CRT-02 that may not sign certificates"),
    ],
)
def test_crt_02_an_intermediate_that_is_none(world, changes):
    authority = world.authority(**changes)
    assert world.judge(world.leaf(authority), known=[], brought=[authority]) == "crt.chain"
    with pytest.raises(ValueError, match="no certificate of an authority"):
        world.judge(world.leaf(authority), known=[authority])


def test_an_intermediate_that_cannot_be_read_is_no_crash(world):
    points = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.29.31"), b"\x02\x01\x01")
    whole = world.authority(crl=None, other=[(points, False)])
    der = patched(whole, world.root, (bytes.fromhex("06032a1d1f"), bytes.fromhex("0603551d1f")))
    broken = Holder(x509.load_der_x509_certificate(der), whole.private)
    assert world.judge(world.leaf(whole), known=[], brought=[broken]) == "crt.malformed"


@pytest.mark.parametrize("certificate", [lambda w: w.root, lambda w: w.ca], ids=["CRT-02 a root", "CRT-02 an issuer"])
def test_an_authority_is_no_enterprise(world, certificate):
    assert world.judge(certificate(world)) == "crt.usage"
