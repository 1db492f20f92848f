"""The codes of the intake: what it answers with, and what specifies a fault."""

FAULTS = {
    "GLD_001": (500, "Uventet feil på tjenesten"),
    "GLD_004": (401, "Feil i forbindelse med autentisering"),
    "GLD_005": (403, "Feil i forbindelse med autorisering"),
    "GLD_006": (400, "Feil i request"),
    "GLD_008": (400, "Strukturell feil i tilknyttet dataformat"),
    "GLD_010": (400, "Feil i forbindelse med validering av payload"),
    "GLD_011": (400, "Feil i metadata"),
    "GLD_017": (500, "Uspesifisert systemfeil"),
    "GLD_019": (409, "Idempotensnøkkel er benyttet tidligere"),
    "GLD_021": (404, "Finner ikke forespurt ressurs"),
    "GLD_022": (405, "HTTP-metode ikke støttet"),
    "GLD_023": (500, "Uventet feil i et bakenforliggende system"),
}
SPECIFICATIONS = {
    "GLD_1007": "Mangler Token",
    "GLD_1008": "Ugyldig token",
    "GLD_1015": "Ikke autorisert for å levere på denne dialogen",
    "GLD_1022": "Feil i parametre",
    "GLD_1023": "Finner ingen ressurs for denne urlen",
    "GLD_1027": "Inntektsår er ikke støttet",
    "GLD_1028": "Header mangler",
    "GLD_1030": "Accept-header må være av type application/json",
    "GLD_1047": "Content type må være application/json",
    "GLD_1050": "Finner ikke et dokument med denne IDen på denne forsendelsen",
    "GLD_1052": "Inntektsår i path og i innsending er ulike",
    "GLD_1053": "Uventet feil i et bakenforliggende system, vennligst prøv igjen senere",
    "GLD_1061": "Det finnes ingen forsendelse med denne IDen for denne ordningen",
}
