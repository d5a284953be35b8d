package cart

import (
	"fmt"

	rates "example.com/shop/rates"
)

const Limit = 100

const (
	Open Status = iota
	Paid
)

var last, first *Cart

// Status of a cart.
type Status int

// Line is one product and how many of it.
type Line struct {
	Price, Count int
}

type Priced interface {
	Total() int
}

type Cart struct {
	Line
	lines []Priced
}

type Pair[K comparable, V any] struct {
	Key   K
	Value V
}

type Name = string

func (l Line) Total() int { return l.Price * l.Count }

// Total is what the cart costs.
func (c *Cart) Total() (sum int, err error) {
	for _, line := range c.lines {
		sum += line.Total() // not the Total with tax
	}
	return sum * rates.For(c.Country), nil
}

func (p *Pair[K, V]) Swap() {}

func Show(cart *Cart) string {
	total, _ := cart.Total()
	const width = 8
	return fmt.Sprintf("Total: %d", total)
}
