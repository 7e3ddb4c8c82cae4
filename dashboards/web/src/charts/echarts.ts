// The parts of ECharts that are used, drawn as SVG: sharp on every screen and on paper, and ready to be saved.
import { LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, TitleComponent, TooltipComponent } from 'echarts/components';
import * as core from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

core.use([LineChart, ScatterChart, GridComponent, MarkLineComponent, TitleComponent, TooltipComponent, SVGRenderer]);

export const init = core.init;
export type Chart = core.ECharts;
