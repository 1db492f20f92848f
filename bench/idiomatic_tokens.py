"""Who asks, for the idiomatic variant: a token verified on each request, by keys that the library keeps."""

from typing import Any

import jwt
from django.conf import settings
from rest_framework import authentication, exceptions


class TokenAuthentication(authentication.BaseAuthentication):
    keys = jwt.PyJWKClient(f"{settings.MASKINPORTEN_ISSUER}jwk")

    def authenticate(self, request: Any) -> tuple[None, dict[str, Any]]:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        key = self.keys.get_signing_key_from_jwt(token)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=list(settings.AUDIENCES),
                issuer=settings.MASKINPORTEN_ISSUER,
            )
        except jwt.PyJWTError:
            raise exceptions.AuthenticationFailed from None
        return None, claims
