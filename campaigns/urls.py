from django.urls import path, re_path

from campaigns.views import activities, campaigns, coupons, jobs, mine, wishes

app_name = "campaigns"

urlpatterns = [
    path("campaigns/", campaigns.home, name="home"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("campaigns/activities/<int:pk>/", activities.activity, name="activity"),
    path("campaigns/activities/<int:pk>/sign-up/", activities.sign_up, name="sign-up"),
    path("campaigns/activities/<int:pk>/door/", activities.door, name="door"),
    path("campaigns/sign-ups/<int:pk>/cancel/", activities.cancel, name="cancel"),
    path("campaigns/coupons/", coupons.pools, name="pools"),
    path("campaigns/coupons/<int:pk>/", coupons.pool, name="pool"),
    path("campaigns/coupons/<int:pk>/claim/", coupons.claim, name="claim"),
    path("campaigns/redeem/", coupons.redeem, name="redeem"),
    path("campaigns/merchant/<str:key>/", coupons.merchant, name="merchant"),
    path("campaigns/wishes/", wishes.wall, name="wishes"),
    path("campaigns/wishes/new/", wishes.wish_new, name="wish-new"),
    path("campaigns/wishes/<int:pk>/adopt/", wishes.adopt, name="adopt"),
    path("campaigns/jobs/", jobs.jobs, name="jobs"),
    path("campaigns/jobs/<int:pk>/", jobs.job, name="job"),
    path("campaigns/jobs/<int:pk>/interest/", jobs.interest, name="interest"),
    path("me/campaigns/", mine.mine, name="mine"),
    path("me/campaigns/coupons/<int:pk>/", coupons.coupon, name="coupon"),
    re_path(
        r"^me/campaigns/wishes/(?P<pk>\d+)/(?P<verb>withdraw|hide|show|thank)/$", wishes.wish_verb, name="wish-verb"
    ),
    path("me/campaigns/interest/<int:pk>/withdraw/", jobs.withdraw_interest, name="withdraw-interest"),
]
