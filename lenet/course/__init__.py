"""The course: one path through all pages, station by station, and the component that shows it."""

from lenet.course.stations import MINUTES, STATIONS, Station, scene, station_at

__all__ = ["MINUTES", "STATIONS", "Station", "scene", "station_at"]
