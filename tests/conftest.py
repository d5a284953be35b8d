"""What holds for all tests: no test is judged by how busy the machine is; test projects have a plain Python."""

from hypothesis import settings

from tests.plain import put_plain_python_first

put_plain_python_first()

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
