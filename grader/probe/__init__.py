"""Recorder and probe: beside student code, inside the sandbox; what they write is testimony.

The *recorder* watches models being trained while the student's code runs; the *probe* looks at the
models afterwards and asks them about rows. Only this package imports a framework, and only once
the student's code has done so. It knows no expected answer.
"""
