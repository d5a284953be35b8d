#include <string>
#include <vector>

#include "rates.hpp"

#define LIMIT 100

namespace shop {

constexpr int kOpen = 1;
using Names = std::vector<std::string>;

/// One product and how many of it.
struct Line {
    long price;
    int count = 1;
    long total() const { return price * count; }
    bool operator==(const Line &other) const { return total() == other.total(); }
};

enum class Status : char { Open, Paid };

template <typename T>
class Basket : public std::vector<T> {
public:
    explicit Basket(std::string country);
    virtual ~Basket() = default;
    virtual long total() const = 0;
    T &first() { return this->front(); }

private:
    std::string country_;
};

class Cart final : public Basket<Line> {
public:
    using Basket::Basket;
    long total() const override;
    static Cart load(const std::string &path);
};

}  // namespace shop

// What the cart costs.
long shop::Cart::total() const {
    long sum = 0;  // the total before tax
    for (const auto &line : *this) sum += line.total();
    return sum * rates::rate_for("fr");
}

template <typename T>
T twice(T value) {
    auto add = [](T a, T b) { return a + b; };
    return add(value, value);
}

std::string &name_of(shop::Cart &cart) {
    static std::string name = "total";
    return name;
}
