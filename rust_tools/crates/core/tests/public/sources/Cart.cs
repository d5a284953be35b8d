using System;
using System.Linq;
using Rate = Shop.Rates.Rate;

namespace Shop.Carts
{
    /// <summary>Something with a price.</summary>
    public interface IPriced
    {
        decimal Total();
    }

    public enum Status { Open, Paid }

    public delegate decimal Discount(decimal total);

    public record Line(decimal Price, int Count) : IPriced
    {
        public decimal Total() => Price * Count;
    }

    public struct Point
    {
        public int X;
    }

    [Serializable]
    public sealed class Cart<T> : IPriced where T : IPriced
    {
        public const int Limit = 100;
        private readonly T[] lines;

        public Cart(T[] lines) { this.lines = lines; }

        public string Country { get; set; } = "fr";

        public event EventHandler Changed;

        [Obsolete("use Sum")]
        public decimal Total()
        {
            // the Total before tax
            decimal sum = lines.Sum(line => line.Total());
            decimal Taxed(decimal value) => value * Rate.For(Country);
            return Taxed(sum);
        }

        public override string ToString() => $"Total: {Total()}";
    }
}
