"""From an empty database to the first log-in, on the command line."""

import pytest
from django.core.management import CommandError, call_command

from unionportal.organizations.models import Account, Organization
from unionportal.organizations.roles import Role

pytestmark = pytest.mark.django_db


def test_the_federation_is_founded_once():
    call_command("federation", "370800", "济宁市总工会")
    assert Organization.objects.get(depth=1).code == "370800"
    with pytest.raises(CommandError):
        call_command("federation", "370800", "另一个总工会")


def test_a_federation_needs_a_division_that_exists():
    with pytest.raises(CommandError, match="999999"):
        call_command("federation", "999999", "无名市总工会")


def test_the_first_account_is_a_system_administrator_and_no_superuser(monkeypatch):
    call_command("federation", "370800", "济宁市总工会")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a-long-Passphrase-2026")
    call_command("createsuperuser", "--noinput", "--username", "root", "--display_name", "演示·管理员")
    account = Account.objects.get(username="root")
    assert account.has_role(Role.SYSTEM_ADMINISTRATOR)
    assert account.is_staff and not account.is_superuser


def test_an_administrator_before_the_federation_is_told_what_to_do_first(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a-long-Passphrase-2026")
    with pytest.raises((CommandError, ValueError), match="federation"):
        call_command("createsuperuser", "--noinput", "--username", "root", "--display_name", "演示·管理员")
