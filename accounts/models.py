"""The ledger: the standard's information model as tables, or as views of these names over a bank's own tables.

The serving role may only read them. Money is Decimal, moments are aware, and an `end_date` is the last day
on which something held: empty while it lasts.
"""

from django.db import models
from django.db.models import Q


class FinancialInstitution(models.Model):
    """A bank of this installation; everything about its accounts is as it was at `as_of`."""

    organisation_number = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=140)
    country = models.CharField(max_length=2, default="NO")
    as_of = models.DateTimeField()
    history_from = models.DateField(help_text="First day of the history that can be answered by machine.")

    class Meta:
        db_table = "financial_institution"

    def __str__(self) -> str:
        return self.organisation_number


class Party(models.Model):
    """A person or an organisation. A grade that is not known to be open counts as shielded."""

    class Type(models.TextChoices):
        PERSON = "person"
        ORGANISATION = "organisation"

    class ProtectionGrade(models.TextChoices):
        """FREG's own words for address protection."""

        OPEN = "ugradert"
        CLIENT_ADDRESS = "klientadresse"
        CONFIDENTIAL = "fortrolig"
        STRICTLY_CONFIDENTIAL = "strengtFortrolig"

    type = models.CharField(max_length=12, choices=Type)
    name = models.CharField(max_length=140)
    country = models.CharField(max_length=2, default="NO")
    protection_grade = models.CharField(max_length=20)
    date_of_death = models.DateField(null=True)

    class Meta:
        db_table = "party"

    def __str__(self) -> str:
        return str(self.pk)


OPEN_GRADES = (Party.ProtectionGrade.OPEN, Party.ProtectionGrade.CLIENT_ADDRESS)


class PartyIdentifier(models.Model):
    """A number a party has or had: a D-number that became a fødselsnummer, a merged company. Any of them finds it."""

    class Kind(models.TextChoices):
        BIRTH_NUMBER = "birthNumber"
        D_NUMBER = "dNumber"
        ORGANISATION_NUMBER = "organisationNumber"

    party = models.ForeignKey(Party, models.PROTECT, related_name="identifiers")
    value = models.CharField(max_length=11, unique=True)
    kind = models.CharField(max_length=20, choices=Kind)
    start_date = models.DateField()
    end_date = models.DateField(null=True)

    class Meta:
        db_table = "party_identifier"
        indexes = [models.Index(fields=["party", "start_date"], name="identifier_of_party")]

    def __str__(self) -> str:
        return str(self.pk)


class Guardianship(models.Model):
    """A guardian's task for a ward, as FREG has it."""

    ward = models.ForeignKey(Party, models.PROTECT, related_name="guardianships")
    guardian = models.ForeignKey(Party, models.PROTECT, related_name="wards")
    service = models.CharField(max_length=60, help_text="FREG vergeTjenesteoppgave, such as representasjonDagligbank.")
    start_date = models.DateField()
    end_date = models.DateField(null=True)

    class Meta:
        db_table = "guardianship"

    def __str__(self) -> str:
        return str(self.pk)


class Account(models.Model):
    """An account or agreement. Start and end are of the latest opening."""

    class Status(models.TextChoices):
        ENABLED = "enabled"
        DISABLED = "disabled"
        DELETED = "deleted"

    class Type(models.TextChoices):
        LOAN = "loanAccount"
        SALARY = "salaryAccount"
        CURRENCY = "currencyAccount"
        SAVINGS = "savingsAccount"
        CLIENT = "clientAccount"
        TAX_DEDUCTION = "taxDeductionAccount"
        BUSINESS = "businessAccount"
        CREDIT_CARD = "creditCardAccount"
        PREPAID_CARD = "prepaidCardAccount"
        WITHOUT_BALANCE = "accountWithoutBalance"
        OTHER = "otherAccount"

    number = models.CharField(max_length=35)
    servicer = models.ForeignKey(FinancialInstitution, models.PROTECT, related_name="accounts")
    type = models.CharField(max_length=21, choices=Type)
    name = models.CharField(max_length=70, blank=True)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=8, choices=Status)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    nics_creditable = models.BooleanField(help_text="Whether NICS can credit the account.")
    data_delivered = models.BooleanField(
        default=True, help_text="False: listed only, as dataNotDelivered, where the service allows it."
    )

    class Meta:
        db_table = "account"
        indexes = [models.Index(fields=["number"], name="account_by_number")]
        constraints = [
            models.UniqueConstraint(fields=["servicer", "number"], name="account_number_once"),
            models.CheckConstraint(
                condition=Q(end_date__isnull=True) | Q(end_date__gt=models.F("start_date")), name="account_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class AccountRole(models.Model):
    """What a party is to an account, for a time."""

    class Kind(models.TextChoices):
        PRIMARY_OWNER = "primaryOwner"
        SECONDARY_OWNER = "secondaryOwner"
        AUTHORISED_USER = "authorisedUser"
        CO_BORROWER = "coBorrower"
        GUARANTOR = "guarantor"

    class Permission(models.TextChoices):
        USE_ALONE = "rightToUseAlone"
        USE_WITH_OTHER = "rightToUseWithOther"
        SEE_ONLY = "rightToSeeOnly"

    account = models.ForeignKey(Account, models.PROTECT, related_name="roles", db_index=False)
    party = models.ForeignKey(Party, models.PROTECT, related_name="roles", db_index=False)
    kind = models.CharField(max_length=14, choices=Kind)
    permission = models.CharField(max_length=20, choices=Permission, blank=True)
    start_date = models.DateField()
    end_date = models.DateField(null=True)

    class Meta:
        db_table = "account_role"
        indexes = [
            models.Index(fields=["party", "kind", "start_date"], name="role_of_party"),
            models.Index(fields=["account", "kind", "start_date"], name="role_on_account"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Balance(models.Model):
    """A balance as it became at `registered_at`; `amount` is signed, negative when the customer owes."""

    class Type(models.TextChoices):
        AVAILABLE = "availableBalance"
        BOOKED = "bookedBalance"

    # Not held by the database, here and on transactions: it would look up the account again for each loaded row.
    account = models.ForeignKey(Account, models.PROTECT, related_name="balances", db_index=False, db_constraint=False)
    type = models.CharField(max_length=16, choices=Type)
    amount = models.DecimalField(max_digits=30, decimal_places=5)
    currency = models.CharField(max_length=3)
    credit_line_included = models.BooleanField(default=False)
    credit_line_amount = models.DecimalField(max_digits=30, decimal_places=5, null=True)
    credit_line_currency = models.CharField(max_length=3, blank=True)
    registered_at = models.DateTimeField()

    class Meta:
        db_table = "balance"
        indexes = [models.Index(fields=["account", "type", "-registered_at"], name="balance_of_account")]

    def __str__(self) -> str:
        return str(self.pk)


class BalanceHistory(models.Model):
    """What a past day's booked balance was: a row for each change, found by the last one until then.

    The table is range-partitioned by the month of `registered_at` (Europe/Oslo). In the database the key is
    (account, registered_at, id); Django's state knows `id` only. `balance` holds the present.
    """

    id = models.BigIntegerField(primary_key=True)
    account = models.ForeignKey(
        Account, models.DO_NOTHING, related_name="balance_history", db_index=False, db_constraint=False
    )
    registered_at = models.DateTimeField()
    amount = models.DecimalField(max_digits=30, decimal_places=5)
    currency = models.CharField(max_length=3)
    credit_line_included = models.BooleanField(default=False)
    credit_line_amount = models.DecimalField(max_digits=30, decimal_places=5, null=True)
    credit_line_currency = models.CharField(max_length=3, blank=True)

    class Meta:
        db_table = "balance_history"

    def __str__(self) -> str:
        return str(self.pk)


class PaymentCard(models.Model):
    """A card on an account. Only the masked number is ever stored: at most first six and last four digits."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="cards")
    holder = models.ForeignKey(Party, models.PROTECT, related_name="cards")
    masked_number = models.CharField(max_length=19)
    type = models.CharField(max_length=10)
    status = models.CharField(max_length=8)
    version_number = models.CharField(max_length=1, blank=True)
    start_month = models.CharField(max_length=7)
    expiry_month = models.CharField(max_length=7)
    issuer_name = models.CharField(max_length=140, blank=True, db_default="")
    issuer_number = models.CharField(max_length=35, blank=True, db_default="")
    issuer_country = models.CharField(max_length=2, blank=True, db_default="")

    class Meta:
        db_table = "payment_card"
        constraints = [
            models.CheckConstraint(
                condition=Q(masked_number__regex=r"^[0-9]{0,6}X{2,}[0-9]{0,4}$"), name="card_number_is_masked"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Transaction(models.Model):
    """A transaction of an account; the table is range-partitioned by the month of `booked_at` (Europe/Oslo).

    In the database the key is (account, booked_at, id); Django's state knows `id` only.
    """

    id = models.BigIntegerField(primary_key=True)
    account = models.ForeignKey(
        Account, models.DO_NOTHING, related_name="transactions", db_index=False, db_constraint=False
    )
    booked_at = models.DateTimeField()
    value_at = models.DateTimeField()
    performed_at = models.DateTimeField(null=True)
    identifier = models.CharField(max_length=64)
    status = models.CharField(max_length=7, default="booked")
    amount = models.DecimalField(max_digits=30, decimal_places=5, help_text="Signed: negative left the account.")
    currency = models.CharField(max_length=3)
    reversal = models.BooleanField(default=False)
    domain = models.CharField(max_length=20, blank=True)
    family = models.CharField(max_length=50, blank=True)
    sub_family = models.CharField(max_length=50, blank=True)
    additional_info = models.CharField(max_length=500, blank=True)
    merchant = models.CharField(max_length=140, blank=True)
    free_text_code = models.CharField(
        max_length=500, blank=True, db_default="", help_text="The bank's own code, where ISO 20022 has none."
    )
    bank_references = models.JSONField(
        default=list, db_default=[], help_text="A list of objects with the standard's own names: value, type."
    )
    counterparties = models.JSONField(
        default=list,
        db_default=[],
        help_text="A list of objects with the standard's own names: type, name, accountIdentifier, identifier, "
        "postalAddress.",
    )
    original_amount = models.DecimalField(
        max_digits=30, decimal_places=5, null=True, help_text="Before conversion; never negative."
    )
    source_currency = models.CharField(max_length=3, blank=True, db_default="")
    target_currency = models.CharField(max_length=3, blank=True, db_default="")
    unit_currency = models.CharField(max_length=3, blank=True, db_default="")
    exchange_rate = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    card = models.ForeignKey(
        PaymentCard, models.DO_NOTHING, null=True, related_name="transactions", db_index=False, db_constraint=False
    )

    class Meta:
        db_table = "transaction"

    def __str__(self) -> str:
        return str(self.pk)


class BsuYear(models.Model):
    """A BSU account and its year, as the bank reports it: an account with such a row is a BSU account.

    Amounts are exact and in NOK; `balance` is what the account holds when the year ends, accrued interest included.
    A spouse is named by number, and so is the manager (another bank) that an account was moved to or came from.
    """

    # Not held by the database: the loader of the release before empties the accounts without knowing this table.
    account = models.ForeignKey(Account, models.PROTECT, related_name="bsu_years", db_index=False, db_constraint=False)
    year = models.SmallIntegerField()
    saved = models.DecimalField(max_digits=30, decimal_places=5, help_text="Paid in this year.")
    interest = models.DecimalField(max_digits=30, decimal_places=5, help_text="Of this year.")
    saved_in_all = models.DecimalField(max_digits=30, decimal_places=5, help_text="Paid in since the opening.")
    interest_in_all = models.DecimalField(max_digits=30, decimal_places=5, help_text="Since the opening.")
    balance = models.DecimalField(max_digits=30, decimal_places=5)
    housing_date = models.DateField(null=True, help_text="Withdrawn for a home.")
    housing_amount = models.DecimalField(max_digits=30, decimal_places=5, null=True)
    breach_date = models.DateField(null=True, help_text="The contract was broken.")
    bankruptcy_date = models.DateField(null=True, help_text="A claim was covered in a bankruptcy.")
    security_date = models.DateField(null=True, help_text="The account was pledged.")
    seizure_date = models.DateField(null=True)
    seizure_amount = models.DecimalField(max_digits=30, decimal_places=5, null=True)
    moved_out_date = models.DateField(null=True)
    moved_out_to_spouse = models.CharField(max_length=11, blank=True, db_default="")
    moved_out_to_manager = models.CharField(max_length=9, blank=True, db_default="")
    moved_in_date = models.DateField(null=True)
    moved_in_from_spouse = models.CharField(max_length=11, blank=True, db_default="")
    moved_in_from_manager = models.CharField(max_length=9, blank=True, db_default="")
    contact_name = models.CharField(max_length=100, blank=True, db_default="", help_text="For another bank to ask.")
    contact_telephone = models.CharField(max_length=20, blank=True, db_default="")
    contact_email = models.CharField(max_length=254, blank=True, db_default="")

    class Meta:
        db_table = "bsu_year"
        constraints = [models.UniqueConstraint(fields=["account", "year"], name="bsu_year_once")]

    def __str__(self) -> str:
        return str(self.pk)
