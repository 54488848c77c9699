from django.urls import path

from members.views import cards, join, me

app_name = "members"

urlpatterns = [
    path("join/", join.begin, name="join"),
    path("join/code/", join.code, name="join-code"),
    path("join/details/", join.details, name="join-details"),
    path("join/<str:code>/", join.begin, name="join-union"),
    path("me/", me.me, name="me"),
    path("me/log-in/", me.enter, name="log-in"),
    path("me/log-in/code/", me.enter_code, name="log-in-code"),
    path("me/log-out/", me.leave_session, name="log-out"),
    path("me/card.svg", me.card, name="card"),
    path("me/application/", me.complete, name="complete"),
    path("me/withdraw/", me.withdraw, name="withdraw"),
    path("me/leave/", me.leave, name="leave"),
    path("me/ask/", me.ask, name="ask"),
    path("me/transfer/", me.transfer, name="transfer"),
    path("me/transfer/withdraw/", me.withdraw_transfer, name="withdraw-transfer"),
    path("card/check/", cards.check, name="card-check"),
    path("union-code/<str:code>.svg", cards.union_code_svg, name="union-code-svg"),
    path("union-code/<str:code>/", cards.union_code, name="union-code"),
]
