local rates = require("shop.rates")

local LIMIT <const> = 100
local Cart = {}
Cart.__index = Cart

--- A new and empty cart.
function Cart.new(country)
  return setmetatable({ country = country, lines = {} }, Cart)
end

function Cart:add(price, count)
  if #self.lines >= LIMIT then
    error("at most " .. LIMIT .. " lines")
  end
  self.lines[#self.lines + 1] = { price = price, count = count or 1 }
end

local function line_total(line)
  return line.price * line.count
end

-- What the cart costs.
function Cart:total()
  local sum = 0 -- the total before tax
  for _, line in ipairs(self.lines) do
    sum = sum + line_total(line)
  end
  return sum * rates.rate_for(self.country)
end

Cart.show = function(cart)
  local total = cart:total()
  return "total: " .. total
end

local shout = function(text) return text:upper() .. [[ total ]] end

function show_all(carts)
  for _, cart in ipairs(carts) do print(shout(Cart.show(cart))) end
end

return Cart
