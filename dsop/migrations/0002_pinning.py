"""The right to pin an agency's certificate."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("dsop", "0001_agency_certificates")]

    operations = [
        migrations.AlterModelOptions(
            name="agencycertificate",
            options={
                "permissions": [("pin_agencycertificate", "Can pin the certificate of an agency")],
                "verbose_name": "certificate of an agency",
                "verbose_name_plural": "certificates of agencies",
            },
        ),
    ]
