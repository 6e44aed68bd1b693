const light = `
color-scheme: light;
--ground: #f6f7f9; --card: #ffffff; --head: #f0f2f5; --line: #dfe3e8; --text: #1c2430; --soft: #566173;
--accent: #2457c5; --good: #1a6f3c; --warn: #8a5300; --bad: #b3261e; --drain: #2457c5; --maint: #5d6673; --none: #566173;
--spark: #2457c5; --spark-area: #2457c52e; --tint-bad: #fdeceb; --tint-warn: #fdf4e3; --tint-maint: #f1f3f5;
`
const dark = `
color-scheme: dark;
--ground: #12161c; --card: #191f27; --head: #202731; --line: #2e3744; --text: #e5e9ef; --soft: #a3aebd;
--accent: #8ab4ff; --good: #68d391; --warn: #f3bf5f; --bad: #ff8d85; --drain: #8ab4ff; --maint: #a9b3c0; --none: #a3aebd;
--spark: #8ab4ff; --spark-area: #8ab4ff33; --tint-bad: #341c1e; --tint-warn: #2f271a; --tint-maint: #1f262f;
`

/** Light, dark, and as the system has it. Every text has a contrast of 4.5 or more to what is behind it. */
export const colours: string = `
:root, :root[data-theme="light"] {${light}}
:root[data-theme="dark"] {${dark}}
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) {${dark}} }
`
