from django.urls import path

from stations.views import app, assessments, directory, feedback, keeping, map, open_data, poster, venue_life, visits

app_name = "stations"

urlpatterns = [
    path("", directory.directory, name="home"),
    path("stations/", directory.directory, name="directory"),
    path("manifest.webmanifest", app.manifest, name="manifest"),
    path("favicon.ico", app.favicon, name="favicon"),
    path("sw.js", app.service_worker, name="service-worker"),
    path("stations/map/", map.station_map, name="map"),
    path("stations/map.json", map.map_data, name="map-data"),
    path("stations/map-sketch.json", map.map_sketch, name="map-sketch"),
    path("stations/data/", open_data.data_page, name="data"),
    path("stations/stations.geojson", open_data.stations_geojson, name="geojson"),
    path("stations/stations.csv", open_data.stations_csv, name="csv"),
    path("stations/changes.json", open_data.changes_json, name="changes"),
    path("stations/hsds/", open_data.hsds_about, name="hsds"),
    path("stations/hsds/services", open_data.hsds_services, name="hsds-services"),
    path("stations/hsds/services/<str:identifier>", open_data.hsds_service, name="hsds-service"),
    path("stations/hsds/organizations", open_data.hsds_organizations, name="hsds-organizations"),
    path("stations/honours/", assessments.honours, name="honours"),
    path("stations/honours/<int:year>/", assessments.honours, name="honours-of-year"),
    path("stations/<slug:code>/", directory.detail, name="detail"),
    path("stations/<slug:code>/rating/", assessments.rating, name="rating"),
    path("stations/<slug:code>/poster/", poster.poster, name="poster"),
    path("stations/<slug:code>/qr.svg", poster.station_qr, {"to": "stations:detail"}, name="qr"),
    path("stations/<slug:code>/visit-qr.svg", poster.station_qr, {"to": "stations:door"}, name="door-qr"),
    path("stations/<slug:code>/feedback/", feedback.feedback, name="feedback"),
    path("stations/<slug:code>/feedback/<slug:kind>/", feedback.sent, name="feedback-sent"),
    path("stations/<slug:code>/visit/", visits.door, name="door"),
    path("stations/<slug:code>/visit/<slug:how>/", visits.door_counted, name="door-counted"),
    path("stations/<slug:code>/reader/", visits.reader, name="reader"),
    path("visits/", visits.figures, name="visits"),
    path("keeper/", keeping.home, name="keeper-home"),
    path("keeper/<slug:code>/", keeping.keep, name="keep"),
    path("stations/<slug:code>/groups/<int:group>.svg", venue_life.group_code, name="group-code"),
]
