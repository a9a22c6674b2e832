from django.urls import path
from django.http import HttpResponse
app_name = "book"
urlpatterns = [path("", lambda r: HttpResponse(), name="start")]
