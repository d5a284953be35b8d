import type { Country } from "./countries";
import { rateFor } from "./rates";

export interface Priced {
  readonly price: number;
  total(count: number): number;
}

export type Discount = (total: number) => number;

export enum Status {
  Open,
  Paid = 2,
}

declare function now(): Date;

export abstract class Basket<T extends Priced> {
  protected lines: T[] = [];
  constructor(private readonly country: Country) {}
  abstract discount(): Discount;
  /** The sum of all lines. */
  public total(): number {
    const sum = this.lines.reduce((all, line) => all + line.total(1), 0);
    return this.discount()(sum) * (1 + rateFor(this.country));
  }
}

namespace Shop {
  export const OPEN = Status.Open;
  export function greet(name: string): string;
  export function greet(name: unknown): string {
    return `${name}: "total"`;
  }
}

export class Cart extends Basket<Priced> {
  @logged
  override discount(): Discount {
    return (total) => total * 0.9;
  }
}

export const cartTotal = async <T,>(cart: Cart): Promise<number> => cart.total();
