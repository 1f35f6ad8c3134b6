"""Signatures of nanopublications: RSA over the normal form of the content, by the key of a person.

A signature element in the publication info names algorithm, public key, target and signer. What is signed is the normal
form of the whole nanopublication, that element included, before its code is known; the triple with the signature joins
it, and the trusty URI is that of the signed content.

Source: nanopub-java, `org.nanopub.extra.security.SignatureUtils`, and the public test suite of nanopublications
(Nanopublication/nanopub-testsuite, transform/signed).
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kb.errors import UnreadableError, UsageError
from kb.export.nanopub.trusty import Quad, normal_form
from kb.export.rdf.names import Literal
from kb.lint.identifiers import orcid_check_digit

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

NPX = "http://purl.org/nanopub/x/"
_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])")
_BITS = 1024
"""Shortest key that is taken; the published examples have it, new keys have 2048."""
_MAKE_ONE = "make one with `openssl genrsa -out KEYFILE 2048`"


@dataclass(frozen=True)
class Signer:
    """Who signs.

    Attributes:
        key: The private key.
        iri: IRI of the person, an ORCID.
    """

    key: RSAPrivateKey
    iri: str

    @cached_property
    def public_key(self) -> str:
        """The public key: SubjectPublicKeyInfo in DER, as base64 on one line."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return b64encode(self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode("ascii")

    def signature(self, text: str) -> str:
        """Return the signature of a text as base64 on one line: PKCS #1 version 1.5 with SHA-256, the same each time."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return b64encode(self.key.sign(text.encode("utf-8"), PKCS1v15(), SHA256())).decode("ascii")


def signed(quads: Sequence[Quad], this: str, graph: str, signer: Signer) -> list[Quad]:
    """Return the quads of a nanopublication with its signature, whose code is still to be computed.

    Args:
        quads: The quads, their IRIs with a blank in place of the code.
        this: IRI of the nanopublication, likewise.
        graph: IRI of the graph of its publication info, likewise.
        signer: Who signs.
    """
    element = f"{this}#sig"
    told: tuple[tuple[str, str | Literal], ...] = (
        ("hasAlgorithm", Literal("RSA")),
        ("hasPublicKey", Literal(signer.public_key)),
        ("hasSignatureTarget", this),
        ("signedBy", signer.iri),
    )
    rows = [*quads, *((graph, element, NPX + name, value) for name, value in told)]
    return [*rows, (graph, element, f"{NPX}hasSignature", Literal(signer.signature(normal_form(rows))))]


def orcid_iri(orcid: str) -> str:
    """Return the IRI of an ORCID, which may be given with or without its address.

    Raises:
        UsageError: If it is none.
    """
    found = _ORCID.fullmatch(orcid)
    digits = found[1].replace("-", "") if found else ""
    if found is None or orcid_check_digit(digits[:15]) != digits[15]:
        fault = "its check digit is wrong" if found else "expected four groups of four digits"
        raise UsageError(f'"{orcid}" is not an ORCID: {fault}', hint="write it as https://orcid.org/ shows it, such as 0000-0002-1825-0097")
    return f"https://orcid.org/{found[1]}"


def read_key(raw: bytes, *, file: str) -> RSAPrivateKey:
    """Read a private key.

    Args:
        raw: PKCS #8 or PKCS #1, as PEM, or as the base64 text of the DER form that nanopublication tools keep as `id_rsa`.
        file: Name for messages.

    Raises:
        UsageError: If what signs is not installed.
        UnreadableError: If it is no RSA key that can be used as it is.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key
    except ImportError as error:
        raise UsageError("signing needs cryptography, which is not installed", hint='pip install "evidence-kb[sign]"') from error
    pem = b"-----BEGIN" in raw
    _refuse_other_forms(raw, file)
    try:
        key = (
            load_pem_private_key(raw, password=None) if pem else load_der_private_key(b64decode(b"".join(raw.split()), validate=True), None)
        )
    except TypeError as error:  # the library's way to ask for a password
        way = f"openssl pkey -in {file}" if pem else f"base64 -d {file} | openssl pkey -inform DER"
        raise UnreadableError(
            f"{file}: the key is encrypted", hint=f"write it decrypted, for your eyes only: {way} -out KEYFILE"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnreadableError(f"{file}: no private key; expected RSA as PKCS #8 or PKCS #1, in PEM or in base64", hint=_MAKE_ONE) from error
    if not isinstance(key, RSAPrivateKey):
        kind = type(key).__name__.lstrip("_").removesuffix("PrivateKey") or "other"
        raise UnreadableError(f"{file}: a key of kind {kind}; nanopublications are signed with RSA", hint=_MAKE_ONE)
    if key.key_size < _BITS:
        raise UnreadableError(f"{file}: a key of {key.key_size} bits can be forged; expected {_BITS} or more", hint=_MAKE_ONE)
    return key


def _refuse_other_forms(raw: bytes, file: str) -> None:
    """Refuse what looks like a key and is not the one that signs."""
    if b"PUBLIC KEY-----" in raw:
        raise UnreadableError(f"{file}: a public key; signing needs the private one", hint="name the file that it was made from")
    if b"BEGIN OPENSSH" in raw:
        hint = "write a copy of it as PEM: cp KEY COPY && ssh-keygen -p -m PEM -f COPY"
        raise UnreadableError(f"{file}: a key in the form of OpenSSH; expected PEM or base64", hint=hint)
