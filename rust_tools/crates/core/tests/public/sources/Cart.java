package shop.cart;

import java.util.List;
import static shop.rates.Rates.rateFor;

/** A shopping cart. */
public final class Cart<T extends Priced> implements Priced {
    public static final int LIMIT = 100;
    private final List<T> lines;

    public Cart(List<T> lines) {
        this.lines = lines;
    }

    @Override
    public long total() {
        // the total before tax
        long total = lines.stream().mapToLong(Priced::total).sum();
        return total * rateFor("fr");
    }

    static <K> K first(List<K> all) throws IllegalStateException {
        Runnable later = () -> System.out.println("total");
        return all.get(0);
    }

    enum Status { OPEN, PAID }

    record Line(long price, int count) implements Priced {
        public long total() {
            return price * count;
        }
    }

    @interface Checked {
        int limit() default LIMIT;
    }
}

interface Priced {
    long total();

    default long twice() {
        return total() * 2;
    }
}
