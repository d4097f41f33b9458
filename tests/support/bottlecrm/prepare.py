"""Makes an organisation with one member in an empty BottleCRM, and prints the member's access token."""

import django

django.setup()

from common.models import Org, PersonalAccessToken, Profile, User  # noqa: E402

user = User.objects.create_user(email="agent@example.com")
org = Org.objects.create(name="Lakeside Clinic")
profile = Profile.objects.create(user=user, org=org, role="ADMIN")
token, _ = PersonalAccessToken.generate(profile, "widgets")
print(token)
