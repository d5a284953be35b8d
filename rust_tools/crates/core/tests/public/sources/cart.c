#include <stdio.h>
#include "rates.h"

#define LIMIT 100
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* One product and how many of it. */
struct line {
    long price;
    int count;
};

typedef struct cart {
    struct line *lines;
    size_t used;
} cart_t;

enum status { OPEN, PAID = 2 };

union bits {
    unsigned whole;
    char parts[4];
};

typedef long (*discount_fn)(long total);

static const char *names[] = {"total", "tax"};
int verbose = 0;

long total(const cart_t *cart);

static long line_total(const struct line *line)
{
    return line->price * line->count;
}

// What the cart costs.
long total(const cart_t *cart)
{
    long sum = 0; /* the total before tax */
    for (size_t i = 0; i < cart->used && i < LIMIT; i++)
        sum += line_total(&cart->lines[i]);
    return MAX(sum, 0) * rate_for("fr");
}

cart_t *cart_new(void) { return NULL; }

char **cart_names(int count) { printf("total %d\n", count); return names; }
