"""Signatures: made as the public rules say, and found valid by another implementation."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)
from nanopub_sign import Nanopub

from kb.errors import KbError
from kb.export.nanopub.rules import problems
from kb.export.nanopub.signing import NPX, Signer, orcid_iri, read_key
from kb.export.nanopub.trig import nanopub
from kb.export.nanopub.trusty import normal_form
from kb.export.rdf.names import Literal
from tests.builders import a_study, study_data
from tests.export.nanopub.test_nanopub import CODE, HOSTILE, PUBLISHED, each, quads
from tests.export.rdf.extracts import WHOLE, an_extract

ORCID = "0000-0002-1825-0097"
"""That of a person who does not exist (Josiah Carberry), kept by ORCID for examples."""


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(65537, 1024)


@pytest.fixture(scope="module")
def signer(key):
    return Signer(key, orcid_iri(ORCID))


def written(signer, *studies):
    """Signed nanopublications, each as a text of its own."""
    text = "".join(nanopub(replace(an_extract(), studies=studies or (WHOLE,), signer=signer)))
    return re.split(r"\n(?=@prefix this:)", text)[1:]


def told(found):
    """What the signature element of a nanopublication says."""
    return {quad[2].removeprefix(NPX): quad[3] for quad in found if quad[1].endswith(("#sig", "/sig"))}


def without_signature(found):
    return [quad for quad in found if quad[2] != f"{NPX}hasSignature"]


def test_a_published_signature_is_one_of_the_normal_form():
    """Key and signature are those of the public test suite, made by its own tools."""
    found = quads(PUBLISHED.read_text(encoding="utf-8"))
    element = told(found)
    public = load_der_public_key(b64decode(element["hasPublicKey"].text))
    text = normal_form(without_signature(found), CODE)
    public.verify(b64decode(element["hasSignature"].text), text.encode(), PKCS1v15(), SHA256())


def test_the_element_names_key_target_and_person(signer, key):
    for text in written(signer):
        (found,) = each(text)
        assert [] == list(problems(found))
        element = told(found)
        assert {"hasAlgorithm", "hasPublicKey", "hasSignatureTarget", "signedBy", "hasSignature"} == set(element)
        der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert (Literal("RSA"), Literal(b64encode(der).decode())) == (element["hasAlgorithm"], element["hasPublicKey"])
        assert (found[0][1], f"https://orcid.org/{ORCID}") == (element["hasSignatureTarget"], element["signedBy"])


@pytest.mark.parametrize("study", [WHOLE, a_study(**{"claims.active.summary": HOSTILE})], ids=["every kind", "hostile"])
def test_another_implementation_finds_signature_and_name_valid(study, signer):
    for text in written(signer, study):
        checked = Nanopub(text).check().info()
        (found,) = each(text)
        assert (found[0][1], told(found)["hasSignature"].text) == (checked["uri"]["value"], checked["signature"])


def test_it_refuses_the_signature_of_another(signer):
    class Impostor(Signer):
        public_key = signer.public_key

    (text,) = written(Impostor(rsa.generate_private_key(65537, 1024), signer.iri), a_study())
    with pytest.raises(Exception, match="verification"):
        Nanopub(text).check()


def test_signing_changes_the_name_and_nothing_else(signer):
    assert written(signer) == written(signer)
    (plain,), (found,) = each("".join(written(None, a_study()))), each("".join(written(signer, a_study())))
    names = plain[0][1], found[0][1]
    assert names[0] != names[1]
    bare = [quad for quad in found if not quad[1].endswith("#sig")]
    assert [(*quad[:3], str(quad[3])) for quad in plain] == [tuple(str(term).replace(*reversed(names)) for term in quad) for quad in bare]


def pem(key, form=PrivateFormat.PKCS8, encryption=None):
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption())


def der(key, form=PrivateFormat.PKCS8, encryption=None):
    return b64encode(key.private_bytes(Encoding.DER, form, encryption or NoEncryption()))


def test_the_same_key_is_read_from_every_form(key):
    plain = der(key)
    folded = b"\n".join(plain[start : start + 64] for start in range(0, len(plain), 64)) + b"\n"
    forms = [pem(key), pem(key, PrivateFormat.TraditionalOpenSSL), plain, folded, der(key, PrivateFormat.TraditionalOpenSSL)]
    assert {key.private_numbers()} == {read_key(form, file="id_rsa").private_numbers() for form in forms}


PASSWORD = BestAvailableEncryption(b"a password")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda key: pem(key, encryption=PASSWORD), "id_rsa: the key is encrypted"),
        (lambda key: pem(key, PrivateFormat.TraditionalOpenSSL, PASSWORD), "id_rsa: the key is encrypted"),
        (lambda key: der(key, encryption=PASSWORD), "id_rsa: the key is encrypted"),
        (lambda key: pem(key, PrivateFormat.OpenSSH), "id_rsa: a key in the form of OpenSSH; expected PEM or base64"),
        (lambda key: key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "id_rsa: a public key; "),
        (lambda key: pem(ed25519.Ed25519PrivateKey.generate()), "id_rsa: a key of kind Ed25519; "),
        (lambda key: pem(ec.generate_private_key(ec.SECP256R1())), "id_rsa: a key of kind EC; "),
        (lambda key: pem(key)[:200], "id_rsa: no private key; expected RSA as PKCS #8 or PKCS #1, in PEM or in base64"),
        (lambda key: der(key)[:-40], "id_rsa: no private key; "),
        (lambda key: b"", "id_rsa: no private key; "),
        (lambda key: b"\xff\x00\n", "id_rsa: no private key; "),
    ],
)
def test_what_cannot_sign_is_named(make, said, key):
    with pytest.raises(KbError) as refused:
        read_key(make(key), file="id_rsa")
    assert (3, said, True) == (refused.value.exit_code, str(refused.value)[: len(said)], bool(refused.value.hint))


def test_a_key_that_can_be_forged_is_refused():
    """Two primes of 256 bits that everybody knows."""
    p, q, e = 2**256 - 189, 2**255 - 19, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(e, p * q))
    with pytest.raises(KbError, match="id_rsa: a key of 511 bits can be forged; expected 1024 or more"):
        read_key(pem(numbers.private_key()), file="id_rsa")


@pytest.mark.parametrize("given", [ORCID, f"https://orcid.org/{ORCID}", f"http://orcid.org/{ORCID}"])
def test_an_orcid_with_or_without_its_address(given):
    assert f"https://orcid.org/{ORCID}" == orcid_iri(given)


@pytest.fixture
def export(collection, run_kb, tmp_path, key):
    root = collection(study_data()).root
    (tmp_path / "id_rsa").write_bytes(der(key))
    return lambda name, *args: run_kb("-C", str(root), "export", name, "-o", str(tmp_path / "out"), *args), tmp_path


def test_the_command_signs(export):
    run, folder = export
    assert (0, "", "") == run("nanopub", "--sign", str(folder / "id_rsa"), "--signed-by", ORCID)
    text = (folder / "out").read_text(encoding="utf-8")
    assert text.count("npx:hasSignature ") == 1
    assert Nanopub(text).check().info()["signature"]


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("nanopub", "--sign", "KEY"), 2, "--sign and --signed-by go together"),
        (("nanopub", "--signed-by", ORCID), 2, "--sign and --signed-by go together"),
        (("turtle", "--sign", "KEY", "--signed-by", ORCID), 2, "turtle cannot be signed\n  hint: --sign and --signed-by go with nanopub"),
        (("nanopub", "--sign", "KEY", "--signed-by", "0000-0002-1825-0098"), 2, "is not an ORCID: its check digit is wrong"),
        (("nanopub", "--sign", "KEY", "--signed-by", "me"), 2, '"me" is not an ORCID: expected four groups of four digits'),
        (("nanopub", "--sign", "KEYLESS", "--signed-by", ORCID), 2, "does not exist"),
        (("nanopub", "--sign", "OTHER", "--signed-by", ORCID), 3, "no private key"),
    ],
)
def test_what_cannot_be_signed_writes_nothing(args, code, said, export):
    run, folder = export
    (folder / "other").write_text("no key", encoding="utf-8")
    places = {"KEY": "id_rsa", "KEYLESS": "nothing", "OTHER": "other"}
    found, out, err = run(*(str(folder / places[word]) if word in places else word for word in args))
    assert (code, "", True, False) == (found, out, said in err, (folder / "out").exists()), err
