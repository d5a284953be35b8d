import Foundation
import struct Rates.Rate

let limit = 100
typealias Lines = [Line]

/// Something with a price.
protocol Priced {
    var price: Int { get }
    func total() -> Int
}

struct Line: Priced, Codable {
    let price: Int
    var count = 1

    func total() -> Int { price * count }
}

enum Status: String {
    case open, paid

    var title: String { rawValue.capitalized }
}

@MainActor
final class Cart<T: Priced> {
    static let country = "fr"
    private var lines: [T] = []

    init(lines: [T]) {
        self.lines = lines
    }

    // the total before tax
    func total() throws -> Int {
        let sum = lines.reduce(0) { $0 + $1.total() }
        return sum * Rate.find(for: Self.country)
    }

    subscript(index: Int) -> T { lines[index] }
}

extension Cart where T == Line {
    func largest() -> Line? {
        lines.max { $0.total() < $1.total() }
    }
}

actor Registry {
    func find(_ name: String) async -> Cart<Line>? { nil }
}

func show<T>(_ cart: Cart<T>) -> String {
    "total: \((try? cart.total()) ?? 0)"
}
