"""What goes with every export for whoever unpacks it, in both languages."""

README = """\
UTLEVERING FRA BANKENS REVISJONSSPOR   (English below)

Hva filene er
  records.csv       Oppføringene, nyeste først. UTF-8 med BOM, komma som skilletegn (RFC 4180). Overskriftene er
                    kolonnenavnene som er forseglet. Tidene i "at" er i UTC.
  records.xlsx      Det samme som arbeidsbok. Tidene i "at_oslo" er norsk tid; forskjellen fra UTC står ved siden av.
  proofs.jsonl      Et bevis for hver forseglet oppføring, ett per linje. Et bevis inneholder hele oppføringen;
                    numre og referanser står der kryptert.
  checkpoints.json  De signerte kontrollpunktene som bevisene viser til, og de offentlige nøklene.
  public_keys.pem   De offentlige nøklene. Hent dem også fra banken på annen måte, og sammenlign.
  verify_proof.py   Kontrollprogrammet. Det trenger Python 3.11 og pakken cryptography, og ingen nettforbindelse.
  manifest.json     Hvem som utleverte hva, når og hvorfor, og SHA-256 av hver fil.

Slik kontrolleres utleveringen
  1. Pakk ut alt i en tom mappe.
  2. Kjør:  python3 -I verify_proof.py . --key NØKKEL.pem
     der NØKKEL.pem er bankens offentlige nøkkel, hentet et annet sted enn herfra.
  3. Sammenlign SHA-256 av manifest.json med den banken har notert. Programmet skriver den ut.

Apostrofer i records.csv
  En celle som et regneark kunne ta for en formel, har fått en apostrof foran = + - @ (også i andre bredder), tabulator
  og linjeskift: i begynnelsen av cellen, og etter ; , | tabulator eller linjeskift, mellomrom og anførselstegn
  oversett. Sto det en apostrof der fra før, står det én til. Fjern én apostrof hvert slikt sted, så er teksten den
  som ble forseglet.

Hva som kan mangle
  Oppføringer om skjermede personer, når den som utleverte ikke har tilgang til dem; oppføringer som ennå ikke var
  forseglet, har ikke bevis. Manifestet sier hvor mange. Et felt "(cannot be opened)" er slettet hos banken.
  Uten numre står *** der en etat har skrevet elleve sifre i legal_mandate eller requester_id, og den oppføringen har
  ikke bevis: beviset ville vist dem.


EXPORT FROM THE BANK'S AUDIT TRAIL

What the files are
  records.csv       The records, newest first. UTF-8 with BOM, separated by commas (RFC 4180). The headings are the
                    names of the sealed columns. Times in "at" are in UTC.
  records.xlsx      The same as a workbook. Times in "at_oslo" are Norwegian; their offset from UTC stands beside them.
  proofs.jsonl      A proof of each sealed record, one to a line. A proof holds the whole record; numbers and
                    references are encrypted there.
  checkpoints.json  The signed checkpoints that the proofs name, and the public keys.
  public_keys.pem   The public keys. Get them from the bank in another way too, and compare.
  verify_proof.py   The checker. It needs Python 3.11 and the package cryptography, and no network.
  manifest.json     Who exported what, when and why, and the SHA-256 of each file.

How the export is checked
  1. Unpack everything into an empty folder.
  2. Run:  python3 -I verify_proof.py . --key KEY.pem
     where KEY.pem is the bank's public key, from elsewhere than from here.
  3. Compare the SHA-256 of manifest.json with the one that the bank has noted. The program prints it.

Apostrophes in records.csv
  A cell that a spreadsheet could take for a formula has been given an apostrophe before = + - @ (in other widths
  too), a tab and a line break: at the start of the cell, and after ; , | a tab or a line break, blanks and quotation
  marks passed over. Where there was an apostrophe already there is one more. Take away one apostrophe at each such
  place, and the text is the one that was sealed.

What may be missing
  Records about shielded persons, when whoever exported may not see them; records that were not sealed yet have no
  proof. The manifest says how many. A field "(cannot be opened)" has been deleted at the bank.
  Without numbers, *** stands where an agency wrote eleven digits in legal_mandate or requester_id, and that record
  has no proof: the proof would show them.
"""
