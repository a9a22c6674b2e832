"""Addresses of signing in. Only what is listed exists: the library's other pages are not served.

The names without a prefix are those by which the library finds its own pages.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkey
from django.urls import include, path

from clinic.accounts import views
from clinic.accounts.changing import changes_sign_in
from clinic.doors import Who, anyone, door

enrolling, signed_in, locked = door(Who.ENROLLING), door(Who.SIGNED_IN), door(Who.LOCKED)

own = [
    path("forgotten/", views.forgotten, name="forgotten"),
    path("new-password/", views.new_password, name="new_password"),
    path("secure/", views.secure, name="secure"),
    path("end-sessions/", views.end_sessions, name="end_sessions"),
    path("stay/", views.stay, name="stay"),
    path("lock/", views.lock, name="lock"),
    path("taken/", views.taken, name="taken"),
]

urlpatterns = [
    path("link/<str:token>/", views.link, name="link"),
    path("account/", include((own, "accounts"))),
    path("sign-in/", anyone(account.login), name="account_login"),
    path("sign-out/", anyone(account.logout), name="account_logout"),
    path("account/inactive/", anyone(account.account_inactive), name="account_inactive"),
    path("sign-in/second-step/", anyone(factor.authenticate), name="mfa_authenticate"),
    path("sign-in/passkey/", anyone(passkey.login_webauthn), name="mfa_login_webauthn"),
    path("unlock/", views.unlock, name="unlock"),
    path("unlock/password/", locked(account.reauthenticate), name="account_reauthenticate"),
    path("unlock/code/", locked(factor.reauthenticate), name="mfa_reauthenticate"),
    path(
        "unlock/passkey/",
        locked(passkey.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "account/password/set/",
        enrolling(changes_sign_in(account.password_set)),
        name="account_set_password",
    ),
    path(
        "account/password/",
        signed_in(changes_sign_in(account.password_change)),
        name="account_change_password",
    ),
    path(
        "account/code/add/",
        enrolling(changes_sign_in(totp.activate_totp)),
        name="mfa_activate_totp",
    ),
    path(
        "account/code/remove/",
        signed_in(changes_sign_in(totp.deactivate_totp)),
        name="mfa_deactivate_totp",
    ),
    path(
        "account/passkey/add/",
        enrolling(changes_sign_in(passkey.add_webauthn)),
        name="mfa_add_webauthn",
    ),
    path("account/passkey/<int:pk>/remove/", views.remove_passkey, name="mfa_remove_webauthn"),
    path(
        "account/recovery/", signed_in(recovery.view_recovery_codes), name="mfa_view_recovery_codes"
    ),
    path(
        "account/recovery/make/",
        signed_in(changes_sign_in(recovery.generate_recovery_codes)),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/recovery/file/",
        signed_in(recovery.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    # The library returns to these two names; both lead to our own page.
    path("account/factors/", enrolling(views.secure), name="mfa_index"),
    path("account/passkeys/", enrolling(views.secure), name="mfa_list_webauthn"),
]
