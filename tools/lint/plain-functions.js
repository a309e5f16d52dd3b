/**
 * `this` in a method of an object literal. Factories hand their methods on one by one (`onDeleted(jobs.endProject)`), which loses
 * `this`; a method that never uses it can be passed anywhere.
 */
const noThisInObject = {
  meta: { type: 'problem', docs: { description: 'Disallow `this` in methods of object literals' } },
  create(context) {
    return {
      ThisExpression(node) {
        let scope = node.parent;
        while (
          scope &&
          scope.type !== 'FunctionExpression' &&
          scope.type !== 'FunctionDeclaration' &&
          scope.type !== 'PropertyDefinition'
        ) {
          scope = scope.parent;
        }
        if (scope?.type !== 'FunctionExpression' || scope.parent?.type !== 'Property') return;
        context.report({ node, message: 'This method loses `this` when it is passed on. Make what it needs a function or a variable.' });
      },
    };
  },
};

export default { meta: { name: 'plain-functions' }, rules: { 'no-this-in-object': noThisInObject } };
