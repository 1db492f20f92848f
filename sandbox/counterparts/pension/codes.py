"""The codes of either profile, and which of today's stands where the seed page has one of its own."""

from sandbox.counterparts.skatteetaten import Codes

SEED: Codes = {
    "OTP-001": (404, "Fant ikke den forespurte AvtaleforholdGyldigheten."),
    "OTP-002": (400, "Feltet 'rettighetspakke' mangler eller ugyldig."),
    "OTP-003": (400, "Obligatorisk parameter 'pensjonsinnretning' mangler."),
    "OTP-004": (400, "Parameteren 'pensjonsinnretning' har ugyldig format. Må være nøyaktig 9 sifre"),
    "OTP-005": (400, "Obligatorisk parameter 'opplysningspliktig' mangler."),
    "OTP-006": (400, "Parameteren 'opplysningspliktig' har ugyldig format. Må være nøyaktig 9 sifre"),
    "OTP-007": (400, "Obligatorisk parameter 'fraOgMed' mangler."),
    "OTP-008": (400, "Parameteren 'fraOgMed' har ugyldig format. må oppgis som YYYY-MM"),
    "OTP-009": (400, "Obligatorisk parameter 'tilOgMed' mangler."),
    "OTP-010": (400, "Parameteren 'tilOgMed' har ugyldig format. må oppgis som YYYY-MM"),
    "OTP-011": (403, "En uventet feil oppstod ved autentisering. Kontakt brukerstøtte."),
    "OTP-012": (500, "Det skjedde en feil i forbindelse med maskinporten autentisering: token mangler."),
    "OTP-013": (500, "Det skjedde en feil i forbindelse med maskinporten autentisering: token invalid."),
    "OTP-014": (404, "Fant ikke den forespurte avtalen"),
    "OTP-015": (400, "Parameteren 'avtalereferanse' har ugyldig format. Maks 4000 tegn"),
    "OTP-016": (400, "Parameteren 'tilOgMed' kan ikke være før parameteren 'fraOgMed'"),
    "OTP-017": (400, "Parameteren 'tilOgMed' kan ikke være inn i fremtiden"),
    "OTP-018": (400, "Feil i request mot bakenforliggende system"),
    "OTP-019": (
        403,
        "En uventet feil oppstod ved autentisering mot bakendforliggende system. Kontakt brukerstøtte.",
    ),
    "OTP-020": (503, "Ikke kontakt mot bakendforliggende system. Kontakt brukerstøtte."),
    "OTP-021": (500, "Ukjent feil mot bakendforliggende system. Kontakt brukerstøtte."),
}
CURRENT: Codes = {
    "OTP-001": (500, "Uventet feil på tjenesten."),
    "OTP-002": (500, "Uventet feil i et bakenforliggende system."),
    "OTP-003": (404, "Ukjent url benyttet."),
    "OTP-004": (401, "Feil i forbindelse med autentisering."),
    "OTP-005": (403, "Feil i forbindelse med autorisering."),
    "OTP-006": (400, "Feil i forbindelse med validering av inputdata."),
    "OTP-007": (404, "Ingen data funnet på oppgitte inputparametere."),
    "OTP-008": (406, "Feil tilknyttet dataformat. Kun json eller xml er støttet."),
}
UNKNOWN_ADDRESS, NOT_ALLOWED, WRONG_TYPE, NO_FORMAT = "DAS-002", "DAS-008", "wrong type", "no format"
SEED_WORDS = {WRONG_TYPE: "OTP-018"}
TODAY = {
    **{f"OTP-{number:03}": "OTP-006" for number in (*range(2, 11), *range(15, 19))},
    "OTP-001": "OTP-007",
    "OTP-014": "OTP-007",
    "OTP-012": "OTP-004",
    "OTP-013": "OTP-004",
    UNKNOWN_ADDRESS: "OTP-003",
    NOT_ALLOWED: "OTP-005",
    WRONG_TYPE: "OTP-008",
    NO_FORMAT: "OTP-008",
}
