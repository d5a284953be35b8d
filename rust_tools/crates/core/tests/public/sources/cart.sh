#!/usr/bin/env bash
# A shopping cart in a file.
set -euo pipefail

source ./rates.sh

readonly LIMIT=100
export COUNTRY="${COUNTRY:-fr}"
lines=()

# Adds a line: price and count.
add() {
    local price=$1 count=${2:-1}
    if (( ${#lines[@]} >= LIMIT )); then
        echo "at most $LIMIT lines" >&2
        return 1
    fi
    lines+=("$price $count")
}

function total {
    local sum=0 price count
    for line in "${lines[@]}"; do
        read -r price count <<< "$line"
        sum=$(( sum + price * count ))
    done
    # the total before tax
    echo $(( sum * $(rate_for "$COUNTRY") ))
}

show() {
    cat <<EOF
total: $(total) in $COUNTRY
EOF
}

add 3 4
show | tee total.txt
total
