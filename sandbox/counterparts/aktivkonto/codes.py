"""The codes of either profile. The same numbers mean other things."""

from sandbox.counterparts.skatteetaten import Codes

SEED: Codes = {
    "AKE-001": (400, "Tin mangler"),
    "AKE-002": (404, "Fant ikke partsnummer for oppgitt tin"),
    "AKE-003": (500, "Feil oppstod under oppslag av aktiv konto"),
}
CURRENT: Codes = {
    "AKE-001": (500, "Uventet feil på tjenesten."),
    "AKE-002": (500, "Uventet feil i et bakenforliggende system."),
    "AKE-003": (404, "Ukjent url benyttet."),
    "AKE-004": (401, "Feil i forbindelse med autentisering."),
    "AKE-005": (403, "Feil i forbindelse med autorisering."),
    "AKE-006": (400, "Feil i forbindelse med validering av inputdata."),
    "AKE-007": (404, "Ingen treff på oppgitt fødselsnummer."),
    "AKE-008": (404, "Fant ingen aktiv konto for oppgitt fødselsnummer."),
    "AKE-009": (406, "Feil tilknyttet dataformat. Kun json eller xml er støttet."),
}
