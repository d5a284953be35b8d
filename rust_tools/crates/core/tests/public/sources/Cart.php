<?php

declare(strict_types=1);

namespace Shop\Carts;

use Shop\Rates\Rate;
use function Shop\Rates\rate_for as rate;

const LIMIT = 100;

/** Something with a price. */
interface Priced
{
    public function total(): int;
}

trait Counted
{
    public function twice(): int
    {
        return $this->total() * 2;
    }
}

enum Status: string
{
    case Open = 'open';
    case Paid = 'paid';
}

#[Entity]
final class Cart implements Priced
{
    use Counted;

    public const COUNTRY = 'fr';
    private array $lines = [];

    public function __construct(private readonly string $country = self::COUNTRY)
    {
    }

    public function total(): int
    {
        // the total before tax
        $total = array_sum(array_map(fn (Priced $line) => $line->total(), $this->lines));
        return $total * rate($this->country);
    }

    public static function load(string $path): self
    {
        return new Cart($path);
    }
}

function show(Cart $cart): string
{
    return "total: {$cart->total()}";
}
