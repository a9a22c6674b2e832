"""Who booked a visit for somebody else hears of that visit, and of no other of the patient's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing in every row. Its table is not made anew for it."""

    dependencies = [("booking", "0005_newcomer_for_another")]
    operations = [
        migrations.AddField(
            model_name="booking",
            name="booker_email",
            field=models.EmailField(blank=True, max_length=254, null=True),
        )
    ]
