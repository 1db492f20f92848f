"""Names that nobody bears: an adjective and a thing, readable and evidently made up."""

from sandbox.dice import Dice


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ADJECTIVES = words("""
Blid Lun Rask Stille Myk Munter Klok Varm Lys Mild Frisk Ivrig Stolt Modig Rolig Smidig Glad Trygg Vennlig Nøysom
Kvikk Staut Sindig Lystig Gild Vaken Spak Trofast Finurlig Tenksom Blå Grønn Gul Rød Hvit Brun Grå Lilla Gyllen Matt
Bred Smal Høy Lav Rund Spiss Krum Flat Dyp Tett Gammel Ny Tidlig Sen Fjern Nær Skjev Rett Tung Lett
""")
THINGS = words("""
Granskog Fjellbekk Myrull Steinbro Havgap Lyngmo Tindetopp Bjørkelund Sandstrand Dalside Elvebredd Furukongle
Skogsti Nysnø Morgendis Regnbue Solvegg Høstløv Vårflom Isrose Tåkebanke Nordavind Sjøbod Løvetann Blåklokke
Tyttebær Multebær Einerbusk Rognebær Hasselnøtt Kongle Kvistved Vedstabel Melkespann Spinnerokk Kaffekjele
Trillebår Fiskegarn Seilduk Kompassrose Fyrlykt Brygge Naust Stabbur Grind Steingjerde Åkerlapp Kornaks Høyloft
Låve Fjøsdør Kjerrehjul Hestesko Bjelleku Reinsdyr Røyskatt Tiur Trane Lomvi Ærfugl
""")
COMPANY_FORMS = ("AS", "AS", "AS", "SA", "DA", "ANS")
TRADES = (
    "Dagligvare", "Bakeri", "Bokhandel", "Blomster", "Kaffebar", "Apotek", "Sport", "Bensin", "Frisør", "Byggevare",
    "Strøm", "Forsikring", "Bredbånd", "Borettslag", "Trafikk", "Tannklinikk", "Regnskap", "Transport",
)  # fmt: skip


def person_name(dice: Dice) -> str:
    return f"{dice.pick(ADJECTIVES)} {dice.pick(THINGS)}"


def organisation_name(dice: Dice) -> str:
    return f"{person_name(dice)} {dice.pick(COMPANY_FORMS)}"


def counterparty_name(dice: Dice) -> str:
    return f"{person_name(dice)} {dice.pick(TRADES)}"


def street_name(dice: Dice) -> str:
    return f"{dice.pick(THINGS)}veien"


def town_name(dice: Dice) -> str:
    return f"{dice.pick(THINGS)}sund".upper()
