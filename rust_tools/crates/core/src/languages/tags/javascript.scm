(field_definition
  property: (_) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @definition.method
(field_definition property: (_) @defines)
(jsx_opening_element name: (identifier) @call)
(jsx_self_closing_element name: (identifier) @call)
