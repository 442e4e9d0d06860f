/** The style of every page; nothing is loaded from anywhere. */
export const style = `
:root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#16202c;--quiet:#55616f;--line:#dde2e8;--accent:#1857b8;--accent-ink:#fff;--good:#0d6b3f;--good-bg:#dff3e7;--fair:#7a4b00;--fair-bg:#fdeecb;--bad:#a3182c;--bad-bg:#fbe0e3;--plain:#3f4a57;--plain-bg:#e6eaef;--shadow:0 1px 2px #0f172a14,0 4px 16px #0f172a0d}
@media (prefers-color-scheme:dark){:root{--paper:#0f141b;--card:#171e27;--ink:#e6ebf1;--quiet:#9aa7b5;--line:#2a3440;--accent:#7fb0ff;--accent-ink:#0b1420;--good:#7fdcaa;--good-bg:#12382a;--fair:#f3c878;--fair-bg:#3b2c0d;--bad:#ff9fab;--bad-bg:#45161e;--plain:#c0cad5;--plain-bg:#27313d;--shadow:0 1px 2px #0006}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
a{color:var(--accent);text-underline-offset:.18em;text-decoration-thickness:.06em}
a:hover{text-decoration-thickness:.14em}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.87em}
.skip{position:absolute;left:-99em}
.skip:focus{left:1rem;top:.6rem;z-index:2;background:var(--card);padding:.4rem .8rem}
header.site{background:var(--card);border-bottom:1px solid var(--line)}
header.site>div,main,footer.site{max-width:76rem;margin:0 auto;padding:0 1.25rem}
header.site>div{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem 1.6rem;min-height:3.6rem}
.brand{display:inline-flex;padding:.5rem 0;align-items:center;gap:.6rem;font-weight:650;letter-spacing:-.01em;color:var(--ink);text-decoration:none}
.brand svg{width:1.5rem;height:1.5rem;fill:none;stroke:var(--accent);stroke-width:2}
nav.site{display:flex;gap:1.2rem}
nav.site a{color:var(--quiet);text-decoration:none;padding:.95rem 0 .8rem;border-bottom:3px solid transparent}
nav.site a[aria-current]{color:var(--ink);border-color:var(--accent)}
nav.site a:hover{color:var(--ink)}
main{padding-top:2rem;padding-bottom:4rem}
h1{font-size:1.7rem;line-height:1.2;letter-spacing:-.02em;margin:0 0 .35rem}
article{margin-top:2.6rem;scroll-margin-top:1rem}
h2{font-size:1.08rem;letter-spacing:-.01em;margin:0 0 .8rem}
h3{font-size:.92rem;margin:1.1rem 0 .45rem;color:var(--quiet);font-weight:600}
h1+.card{margin-top:1.2rem}
h2.big{font-size:1.45rem;margin-bottom:.3rem}
p{margin:.3rem 0 .9rem;max-width:68ch}
h1,h2,h3,p,caption,.count{overflow-wrap:anywhere}
td,th{overflow-wrap:break-word}
table.narrow{min-width:0}
time,summary{white-space:nowrap}
thead th{overflow-wrap:normal}
.lead{color:var(--quiet);margin-bottom:1.4rem}
.quiet{color:var(--quiet)}
.facts{display:flex;flex-wrap:wrap;gap:.9rem;margin:0 0 1.6rem;padding:0;list-style:none}
.facts li{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.7rem 1.1rem;min-width:8.5rem;box-shadow:var(--shadow)}
.facts b{display:block;font-size:1.45rem;line-height:1.2;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.facts span{color:var(--quiet);font-size:.86rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.25rem 1.35rem;margin:0 0 1.25rem;box-shadow:var(--shadow)}
.card>:last-child{margin-bottom:0}
.columns{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,1fr);gap:0 1.25rem;align-items:start}
@media (max-width:60rem){.columns{grid-template-columns:minmax(0,1fr)}}
form.search{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end;margin:0 0 1.1rem}
form.search label{display:grid;gap:.2rem;font-size:.84rem;color:var(--quiet)}
form.search label.wide{flex:1 1 18rem}
input,select,button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:9px;padding:.48rem .7rem;min-height:2.5rem}
input,select{border-color:color-mix(in srgb,var(--quiet) 55%,var(--line))}
button{background:var(--accent);border-color:var(--accent);color:var(--accent-ink);font-weight:600;padding-inline:1.1rem;cursor:pointer}
button:hover{filter:brightness(1.08)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
caption,.count{text-align:left;color:var(--quiet);font-size:.86rem;padding:0 0 .5rem;margin:0}
th,td{text-align:left;vertical-align:top;padding:.66rem .8rem .66rem 0;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--quiet);font-weight:550;font-size:.82rem;padding-top:.1rem;white-space:nowrap}
tbody th{font-weight:inherit}
td.tight,th.tight{white-space:nowrap}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
.title{font-weight:620}
.name{white-space:nowrap}
.name.long{white-space:normal;overflow-wrap:anywhere}
.whole{user-select:all;-webkit-user-select:all}
.under{color:var(--quiet);font-size:.88rem;overflow-wrap:break-word}
.badge{display:inline-block;border-radius:99px;padding:.06rem .6rem;font-size:.8rem;font-weight:600;white-space:nowrap;color:var(--plain);background:var(--plain-bg)}
.badge.good{color:var(--good);background:var(--good-bg)}
.badge.fair{color:var(--fair);background:var(--fair-bg)}
.badge.bad{color:var(--bad);background:var(--bad-bg)}
.chips{display:flex;flex-wrap:wrap;gap:.3rem;list-style:none;margin:0;padding:0}
.chips li{border:1px solid var(--line);border-radius:7px;padding:.02rem .45rem;font-size:.82rem;overflow-wrap:anywhere}
.chips span{color:var(--quiet)}
dl{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.45rem 1.1rem;margin:0}
dt{color:var(--quiet)}
dd{margin:0;overflow-wrap:anywhere}
pre{overflow-x:auto;background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:.9rem 1rem;margin:.7rem 0 0;max-height:32rem}
summary{cursor:pointer;color:var(--accent)}
.pages{display:flex;gap:1rem;align-items:center;justify-content:space-between;margin:1rem 0 0;color:var(--quiet)}
.graph{margin:0}
.graph .scroll{border:1px solid var(--line);border-radius:12px;background:var(--paper);margin-bottom:.7rem}
.graph svg{display:block;margin:0 auto;max-width:100%;height:auto}
.graph.wide svg{max-width:none}
@media (max-width:44rem){.graph svg{max-width:none}}
.graph .edge{fill:none;stroke:var(--quiet);stroke-width:1.6;opacity:.75}
.graph .tip{fill:var(--quiet)}
.graph .divide{stroke:var(--line);stroke-width:1.5;stroke-dasharray:5 5}
.graph rect{fill:var(--card);stroke:var(--accent);stroke-width:1.5}
.graph .conditional rect{stroke-dasharray:6 4}
.graph .final rect{stroke:var(--quiet)}
.graph text{fill:var(--ink);font-size:13px}
.graph .name{font-weight:620}
.graph .runs{fill:var(--quiet);font-size:11.5px}
@media (max-width:44rem){table.stack,table.stack tbody,table.stack caption{display:block}table.stack thead{position:absolute;left:-99em}table.stack tr{display:flex;flex-wrap:wrap;gap:.35rem .7rem;align-items:baseline;padding:.9rem 0;border-top:1px solid var(--line)}table.stack th,table.stack td{border:0;padding:0}table.stack th[scope=row],table.stack .labels{flex:1 0 100%}table.stack .under{display:inline;margin-left:.3rem}table.stack th .under{display:block;margin:0}}
.scroll>table:not(.stack,.narrow){min-width:34rem}
.empty{text-align:center;padding:3.2rem 1rem}
.empty svg{stroke-linecap:round;width:4.2rem;height:4.2rem;fill:none;stroke:var(--quiet);stroke-width:1.3;opacity:.8}
.empty pre{text-align:left;display:inline-block;margin-top:.9rem}
.empty p{margin-inline:auto}
footer.site{color:var(--quiet);font-size:.84rem;padding-bottom:2rem}
[hidden]{display:none!important}
@media (prefers-reduced-motion:no-preference){a,button{transition:filter .12s,border-color .12s}}
@media print{header.site nav,form.search,.pages{display:none}.card{break-inside:avoid;box-shadow:none}}
`;
