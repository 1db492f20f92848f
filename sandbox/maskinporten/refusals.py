"""Every way the token endpoint says no: OAuth's error code and a sentence with Maskinporten's own id where it is known.

MP-100 the assertion or its client, MP-110 its audience, MP-120 its certificate (spec of the agencies, section 2).
MP-121, an expired key, cannot happen here: the sandbox's keys do not expire.
"""


class Refused(Exception):
    """No token. Raise it bare."""

    status = 400
    error: str
    description: str


class InvalidRequest(Refused):
    """The form around the grant is wrong."""

    error = "invalid_request"


class PostOnly(InvalidRequest):
    status = 405
    description = "Only POST is allowed."


class WrongContentType(InvalidRequest):
    status = 415
    description = "The request must be application/x-www-form-urlencoded."


class TooLarge(InvalidRequest):
    status = 413
    description = "The request is too large."


class MalformedForm(InvalidRequest):
    description = "The form is malformed."


class DoubledParameter(InvalidRequest):
    description = "A parameter is sent more than once."


class GrantTypeMissing(InvalidRequest):
    description = "grant_type is missing."


class AssertionMissing(InvalidRequest):
    description = "assertion is missing."


class WrongGrantType(Refused):
    error = "unsupported_grant_type"
    description = "The only grant type is urn:ietf:params:oauth:grant-type:jwt-bearer."


class InvalidGrant(Refused):
    """The assertion does not hold."""

    error = "invalid_grant"


class MalformedAssertion(InvalidGrant):
    description = "Invalid assertion. It is not a JWT. (MP-100)"


class WrongAlgorithm(InvalidGrant):
    description = "Invalid assertion. alg must be RS256, RS384 or RS512. (MP-100)"


class CriticalHeader(InvalidGrant):
    description = "Invalid assertion. No crit header is supported. (MP-100)"


class KeyNotNamed(InvalidGrant):
    description = "Invalid assertion. Exactly one of kid and x5c must be given. (MP-100)"


class CertificateNotSupported(InvalidGrant):
    description = "Invalid assertion. Client authentication failed. This client is known by kid, not by x5c. (MP-120)"


class InvalidCertificate(InvalidGrant):
    description = (
        "Invalid assertion. Client authentication failed. The JWT is signed with an invalid certificate. (MP-120)"
    )


class UnknownClient(InvalidGrant):
    description = "Invalid assertion. Client authentication failed. Unknown client in iss. (MP-100)"


class UnknownKey(InvalidGrant):
    description = "Invalid assertion. Client authentication failed. The client has no such key. (MP-100)"


class WrongSignature(InvalidGrant):
    description = "Invalid assertion. Client authentication failed. The signature is wrong. (MP-100)"


class WrongAudience(InvalidGrant):
    description = "Invalid assertion. Client authentication failed. aud must be the issuer alone. (MP-110)"


class WrongTimes(InvalidGrant):
    description = "Invalid assertion. iat and exp must be whole seconds, exp after iat. (MP-100)"


class TooLongLived(InvalidGrant):
    description = "Invalid assertion. exp is more than 120 seconds after iat. (MP-100)"


class NotIssuedNow(InvalidGrant):
    description = "Invalid assertion. iat is more than 10 seconds from the time here. (MP-100)"


class Expired(InvalidGrant):
    description = "Invalid assertion. It has expired. (MP-100)"


class UsedBefore(InvalidGrant):
    description = "Invalid assertion. It has been used before. (MP-100)"


class NotDelegated(InvalidGrant):
    description = "The organisation in consumer_org has not delegated the scope to this client."


class InvalidAssertion(Refused):
    """A claim is not one of those documented, or not of its form."""

    error = "invalid_request"


class UnknownClaim(InvalidAssertion):
    description = "Invalid assertion. It has a claim that is not documented. (MP-100)"


class WrongClaim(InvalidAssertion):
    description = "Invalid assertion. Invalid parameter value. (MP-100)"


class ConsumerIsClient(InvalidAssertion):
    description = "Invalid assertion. consumer_org must not be the client's own organisation. (MP-100)"


class NoSystemUser(Refused):
    """The organisation has approved no system user for the client's system."""

    error = "invalid_altinn_customer_configuration"
    description = "System user not found. (MP-303)"


class NoConsent(InvalidGrant):
    """Maskinporten's own words for this are not known to us."""

    description = "There is no such consent in force."


class InvalidScope(Refused):
    error = "invalid_scope"


class ScopeMissing(InvalidScope):
    description = "scope is missing."


class ScopeNotRegistered(InvalidScope):
    description = "A scope is not registered on the client."
