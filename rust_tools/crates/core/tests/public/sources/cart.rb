require "json"
require_relative "rates"

# Everything about shopping.
module Shop
  LIMIT = 100

  # One product and how many of it.
  Line = Struct.new(:price, :count) do
    def total
      price * count
    end
  end

  class Cart < Basket
    include Enumerable
    attr_reader :lines, :country

    def initialize(country)
      @country = country
      @lines = []
    end

    def each(&block)
      lines.each(&block)
    end

    # What the cart costs.
    def total
      sum = lines.sum { |line| line.total }
      sum * Rates.for(country) # the total with tax
    end

    def self.load(path)
      cart = new("fr")
      JSON.parse(File.read(path)).each { |row| cart.add(row) }
      cart
    end

    def empty? = lines.empty?

    class << self
      def build
        new("de")
      end
    end
  end
end

def show(cart)
  total = cart.total
  puts "total: #{total}"
end
