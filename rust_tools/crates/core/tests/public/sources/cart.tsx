import { useState, type ReactNode } from "react";
import { Cart } from "./cart";

interface Props {
  cart: Cart;
  children?: ReactNode;
}

type Handler = (line: number) => void;

const LIMIT = 10;

// One row of the table.
function Row({ line, onRemove }: { line: number; onRemove: Handler }) {
  return (
    <tr>
      <td onClick={() => onRemove(line)}>{line}</td>
    </tr>
  );
}

export const CartView = ({ cart, children }: Props) => {
  const [open, setOpen] = useState(false);
  const remove: Handler = (line) => {
    setOpen(line > LIMIT);
  };
  return (
    <section hidden={!open}>
      <Row line={1} onRemove={remove} />
      Row of the total: {cart.total()}
      {children}
    </section>
  );
};

export default function Page() {
  return <CartView cart={new Cart("fr")} />;
}
