"""Tasks about numbers."""

from bench.smalltasks.task import repair, write


@repair(
    right="max(low, min(high, value))",
    wrong="min(low, max(high, value))",
    calls=[(5, 1, 10), (-3, 1, 10), (42, 1, 10), (1, 1, 10)],
    inputs=lambda r: (r.randint(-50, 50), r.randint(-20, 0), r.randint(1, 20)),
)
def clamp(value: int, low: int, high: int) -> int:
    """Return the value, but at least `low` and at most `high`."""
    return max(low, min(high, value))


@repair(
    right="year % 100 != 0 or year % 400 == 0",
    wrong="year % 100 != 0 and year % 400 == 0",
    calls=[(2024,), (2023,), (1900,), (2000,)],
    inputs=lambda r: (r.choice([r.randint(1, 3000), 100 * r.randint(1, 30)]),),
)
def is_leap_year(year: int) -> bool:
    """Tell whether a year of the Gregorian calendar is a leap year."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@repair(
    right="return abs(a)",
    wrong="return abs(b)",
    calls=[(12, 18), (7, 5), (0, 9), (-8, 12), (8, -12)],
    inputs=lambda r: (r.randint(-60, 60), r.randint(-60, 60)),
)
def greatest_common_divisor(a: int, b: int) -> int:
    """Return the greatest number that divides both; never negative."""
    while b:
        a, b = b, a % b
    return abs(a)


@repair(
    right="str(abs(number))",
    wrong="str(number)",
    calls=[(123,), (-45,), (0,), (1009,)],
    inputs=lambda r: (r.randint(-100_000, 100_000),),
)
def digit_sum(number: int) -> int:
    """Return the sum of the decimal digits of a number, whatever its sign."""
    total = 0
    for digit in str(abs(number)):
        total += int(digit)
    return total


@repair(
    right="ordered[middle - 1] + ordered[middle]",
    wrong="ordered[middle] + ordered[middle + 1]",
    calls=[([3, 1, 2],), ([4, 1, 3, 2],), ([10, 20],), ([7],)],
    inputs=lambda r: ([r.randint(-9, 9) for _ in range(r.randint(1, 9))],),
)
def median(values: list[int]) -> float:
    """Return the middle of the sorted values, the mean of the two middle ones where there are two."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2 == 1:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


@repair(
    right="return (new - old) / old * 100",
    wrong="return (new - old) / new * 100",
    calls=[(100, 150), (200, 100), (4, 5), (0, 5)],
    inputs=lambda r: (r.randint(0, 20), r.randint(1, 40)),
)
def percent_change(old: int, new: int) -> float:
    """Return by how many per cent of the old value it has grown; 0.0 where the old value is zero."""
    if old == 0:
        return 0.0
    return (new - old) / old * 100


@repair(
    right="divisor * divisor <= number",
    wrong="divisor * divisor < number",
    calls=[(2,), (4,), (9,), (25,), (17,), (1,), (15,)],
    inputs=lambda r: (r.randint(-3, 400),),
)
def is_prime(number: int) -> bool:
    """Tell whether a number is prime."""
    if number < 2:
        return False
    divisor = 2
    while divisor * divisor <= number:
        if number % divisor == 0:
            return False
        divisor += 1
    return True


@repair(
    right="minutes = seconds % 3600 // 60",
    wrong="minutes = seconds // 60",
    calls=[(59,), (61,), (3600,), (3725,), (7384,), (25920,), (43199,)],
    inputs=lambda r: (r.randint(0, 40_000),),
)
def clock(seconds: int) -> str:
    """Return a duration as hours:minutes:seconds, the last two with two digits, such as 1:02:05."""
    hours = seconds // 3600
    minutes = seconds % 3600 // 60
    return f"{hours}:{minutes:02d}:{seconds % 60:02d}"


@repair(
    right="return cents - cents * percent // 100",
    wrong="return cents * percent // 100",
    calls=[(1000, 10), (999, 0), (500, 50), (200, 100), (300, 150), (300, -10)],
    inputs=lambda r: (r.randint(0, 5000), r.randint(-20, 130)),
)
def discounted(cents: int, percent: int) -> int:
    """Return a price less a discount, which is taken as at least 0 and at most 100 per cent."""
    percent = max(0, min(100, percent))
    return cents - cents * percent // 100


@write(
    calls=[(1,), (6,), (7,), (8,)],
    inputs=lambda r: (r.randint(1, 300),),
)
def collatz_steps(number: int) -> int:
    """Return how many steps lead to 1: an even number is halved, an odd one becomes three times itself plus one."""
    steps = 0
    while number != 1:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        steps += 1
    return steps


@write(
    calls=[(0,), (9,), (10,), (38,), (493193,)],
    inputs=lambda r: (r.randint(0, 1_000_000),),
)
def digital_root(number: int) -> int:
    """Add up the digits of a number, and those of the sum, until one digit is left; return it."""
    while number > 9:
        number = sum(int(digit) for digit in str(number))
    return number


@write(
    calls=[(1,), (4,), (9,), (14,), (444,), (1994,), (3888,)],
    inputs=lambda r: (r.randint(1, 3999),),
)
def to_roman(number: int) -> str:
    """Return a number from 1 to 3999 in Roman numerals."""
    letters = ""
    values = {"M": 1000, "CM": 900, "D": 500, "CD": 400, "C": 100, "XC": 90, "L": 50, "XL": 40}
    for letter, value in {**values, "X": 10, "IX": 9, "V": 5, "IV": 4, "I": 1}.items():
        while number >= value:
            letters += letter
            number -= value
    return letters
