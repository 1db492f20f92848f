"""The documents of the idiomatic variant, as ModelSerializers."""

from datetime import UTC
from typing import Any

from rest_framework import serializers

from accounts.models import Account, AccountRole, Balance, FinancialInstitution, Party, Transaction
from accounts.references import Referred, reference_to

DAY = "%Y-%m-%dT%H:%M:%SZ"


class Present(serializers.ModelSerializer):
    """Leaves out what is absent."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        found = super().to_representation(instance)
        return {name: value for name, value in found.items() if value is not None and value not in ("", {})}


class InstitutionSerializer(Present):
    identifier = serializers.SerializerMethodField()

    class Meta:
        model = FinancialInstitution
        fields = ["identifier", "name"]

    def get_identifier(self, institution: FinancialInstitution) -> dict[str, str]:
        return identifier(institution.country, institution.organisation_number, Party.Type.ORGANISATION)


class OwnerSerializer(Present):
    identifier = serializers.SerializerMethodField()
    name = serializers.CharField(source="party.name")
    startDate = serializers.DateField(source="start_date")
    endDate = serializers.DateField(source="end_date")

    class Meta:
        model = AccountRole
        fields = ["permission", "identifier", "name", "startDate", "endDate"]

    def get_identifier(self, role: AccountRole) -> dict[str, str]:
        number = max(role.party.identifiers.all(), key=lambda each: each.start_date)
        return identifier(role.party.country, number.value, role.party.type)


class AccountSerializer(Present):
    servicer = InstitutionSerializer()
    accountIdentifier = serializers.CharField(source="number")
    accountReference = serializers.SerializerMethodField()
    primaryOwner = serializers.SerializerMethodField()

    class Meta:
        model = Account
        fields = ["status", "servicer", "accountIdentifier", "accountReference", "type", "currency", "primaryOwner"]

    def get_accountReference(self, account: Account) -> str:
        view = self.context["view"]
        return reference_to(Referred(account.pk, view.number), view.bound_to)

    def get_primaryOwner(self, account: Account) -> Any:
        owners = sorted(
            account.owners, key=lambda role: (role.party_id == self.context["view"].party.pk, role.start_date)
        )
        return OwnerSerializer(owners[-1]).data if owners else None


class BalanceSerializer(Present):
    creditLineIncluded = serializers.BooleanField(source="credit_line_included")
    amount = serializers.SerializerMethodField()
    creditDebitIndicator = serializers.SerializerMethodField()
    registered = serializers.SerializerMethodField()
    creditLineAmount = serializers.FloatField(source="credit_line_amount")
    creditLineCurrency = serializers.SerializerMethodField()

    class Meta:
        model = Balance
        fields = ["creditLineIncluded", "amount", "creditDebitIndicator", "registered", "type", "creditLineAmount",
                  "creditLineCurrency", "currency"]  # fmt: skip

    def get_amount(self, balance: Balance) -> float:
        return float(abs(balance.amount))

    def get_creditDebitIndicator(self, balance: Balance) -> str:
        return "debit" if balance.amount < 0 else "credit"

    def get_registered(self, balance: Balance) -> str:
        return self.context["view"].as_of.strftime(DAY)

    def get_creditLineCurrency(self, balance: Balance) -> str | None:
        return None if balance.credit_line_amount is None else balance.credit_line_currency or balance.currency


class DetailsSerializer(AccountSerializer):
    balances = serializers.SerializerMethodField()
    startDate = serializers.DateField(source="start_date")
    endDate = serializers.DateField(source="end_date")

    class Meta(AccountSerializer.Meta):
        fields = [*AccountSerializer.Meta.fields, "balances", "startDate", "endDate"]

    def get_balances(self, account: Account) -> list[dict[str, Any]]:
        latest = (
            account.balances.filter(type=kind, registered_at__lte=account.servicer.as_of).order_by("-registered_at")
            for kind in Balance.Type
        )
        found = [balance for each in latest if (balance := each.first())]
        return BalanceSerializer(found, many=True, context=self.context).data


class TransactionSerializer(Present):
    transactionIdentifier = serializers.CharField(source="identifier")
    references = serializers.JSONField(source="bank_references")
    creditDebitIndicator = serializers.SerializerMethodField()
    reversalIndicator = serializers.BooleanField(source="reversal")
    transactionCode = serializers.SerializerMethodField()
    bookingDate = serializers.DateTimeField(source="booked_at", format=DAY, default_timezone=UTC)
    valueDate = serializers.DateTimeField(source="value_at", format=DAY, default_timezone=UTC)
    counterParties = serializers.JSONField(source="counterparties")
    amount = serializers.SerializerMethodField()
    additionalInfo = serializers.CharField(source="additional_info")
    currencyExchange = serializers.SerializerMethodField()
    paymentCard = serializers.SerializerMethodField()
    registered = serializers.DateTimeField(source="performed_at", format=DAY, default_timezone=UTC)

    class Meta:
        model = Transaction
        fields = ["transactionIdentifier", "references", "creditDebitIndicator", "reversalIndicator", "status",
                  "transactionCode", "bookingDate", "valueDate", "counterParties", "amount", "currency",
                  "additionalInfo", "currencyExchange", "merchant", "paymentCard", "registered"]  # fmt: skip

    def get_creditDebitIndicator(self, row: Transaction) -> str:
        return "debit" if row.amount < 0 else "credit"

    def get_amount(self, row: Transaction) -> float:
        return float(abs(row.amount))

    def get_transactionCode(self, row: Transaction) -> dict[str, str]:
        code = {"domain": row.domain, "family": row.family, "subFamily": row.sub_family, "freeText": row.free_text_code}
        return {name: value for name, value in code.items() if value}

    def get_currencyExchange(self, row: Transaction) -> dict[str, Any]:
        exchange = {
            "originalAmount": row.original_amount and float(row.original_amount),
            "sourceCurrency": row.source_currency,
            "targetCurrency": row.target_currency,
            "unitCurrency": row.unit_currency,
            "exchangeRate": row.exchange_rate and float(row.exchange_rate),
        }
        return {name: value for name, value in exchange.items() if value}

    def get_paymentCard(self, row: Transaction) -> dict[str, Any] | None:
        if row.card is None:
            return None
        card = {
            "cardIdentifier": row.card.masked_number,
            "holderName": row.card.holder.name,
            "startDate": row.card.start_month,
            "expiryDate": row.card.expiry_month,
            "cardIssuerName": row.card.issuer_name,
            "type": row.card.type,
            "cardStatus": row.card.status,
            "versionNumber": row.card.version_number,
            "cardIssuerIdentifier": identifier(row.card.issuer_country, row.card.issuer_number, "organisation")
            if row.card.issuer_number
            else None,
        }
        return {name: value for name, value in card.items() if value}


def identifier(country: str, value: str, party_type: str) -> dict[str, str]:
    kind = "nationalIdentityNumber" if party_type == Party.Type.PERSON else "countryIdentificationCode"
    return {"countryOfResidence": country, "value": value, "type": kind}
