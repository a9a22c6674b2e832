"""Town, province or state and postal code of a site, apart from the street."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Empty where nobody has said them; what stands in the old address stays there."""

    dependencies = [
        ("practice", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="site",
            name="city",
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name="site",
            name="postal_code",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name="site",
            name="region",
            field=models.CharField(blank=True, max_length=40),
        ),
    ]
