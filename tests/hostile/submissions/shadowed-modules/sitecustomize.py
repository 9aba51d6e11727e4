open("/tmp/left-by-a-submission-shadow", "w").write(__name__)
raise SystemError("shadowed")
