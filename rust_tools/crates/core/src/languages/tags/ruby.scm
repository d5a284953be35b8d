(module name: (_) @name body: (_) @body) @definition.module
(module name: (_) @name) @definition.module
(class name: (_) @name body: (_) @body) @definition.class
(class name: (_) @name) @definition.class
(singleton_class) @scope
(method name: (_) @name body: (_) @body) @definition.method
(method name: (_) @name) @definition.method
(singleton_method name: (_) @name body: (_) @body) @definition.method
(singleton_method name: (_) @name) @definition.method
(assignment
  left: (constant) @name
  right: (call
    receiver: (constant) @_maker
    method: (identifier) @_new
    block: (_ body: (_) @body))
  (#any-of? @_maker "Struct" "Data" "Class" "Module")
  (#any-of? @_new "new" "define")) @definition.class
(assignment left: (constant) @name) @definition.constant
(call
  method: (identifier) @_attribute
  arguments: (argument_list (simple_symbol) @name)
  (#any-of? @_attribute "attr_reader" "attr_writer" "attr_accessor")) @definition.property
((call method: (identifier) @_import) @import
  (#any-of? @_import "require" "require_relative" "include" "extend" "prepend" "autoload"))
(call method: (_) @call)
